// A site whose cluster, clock and timers are in the test's hand.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "ui/site.h"
#include "unit/gateway/gateway_fixture.h"

namespace baton::ui {

using api::Json;

/// Nothing runs until the test says so.
class ManualTimers final : public Timers {
 public:
  explicit ManualTimers(kube::ManualClock& clock) : Timers(NoThread{}), clock_(clock) {}
  Id at(Steady when, std::function<void()> f) override {
    planned_.emplace(when, std::move(f));
    return 1;
  }
  Id after(std::chrono::steady_clock::duration delay, std::function<void()> f) override {
    return at(clock_.steady() + delay, std::move(f));
  }
  bool cancel(Id) override { return false; }
  /// Time goes on, and what is due runs at its time.
  void pass(std::chrono::milliseconds time) {
    const Steady end = clock_.steady() + time;
    while (!planned_.empty() && planned_.begin()->first <= end) {
      auto [when, f] = *planned_.begin();
      planned_.erase(planned_.begin());
      if (when > clock_.steady())
        clock_.advance(std::chrono::duration_cast<std::chrono::microseconds>(when - clock_.steady()));
      f();
    }
    if (end > clock_.steady())
      clock_.advance(std::chrono::duration_cast<std::chrono::microseconds>(end - clock_.steady()));
  }

 private:
  kube::ManualClock& clock_;
  std::multimap<Steady, std::function<void()>> planned_;
};

class FakeSource final : public Source {
 public:
  bool ready() const override { return ready_; }
  std::chrono::seconds unheard() const override { return unheard_; }
  std::vector<Group> groups() const override {
    std::vector<Group> all;
    for (const auto& [key, g] : groups_) all.push_back(g);
    return all;
  }
  Group group(const std::string& ns, const std::string& name) const override {
    const auto found = groups_.find(ns + "/" + name);
    return found == groups_.end() ? nullptr : found->second;
  }
  std::vector<Request> requestsOf(const std::string& ns, const std::string& group) const override {
    std::vector<Request> all;
    for (const auto& [key, r] : requests_)
      if (r->meta.ns == ns && r->spec.group == group) all.push_back(r);
    return all;
  }
  Request request(const std::string& ns, const std::string& name) const override {
    const auto found = requests_.find(ns + "/" + name);
    return found == requests_.end() ? nullptr : found->second;
  }

  void put(const std::string& ns, const std::string& name, const std::string& primary, int epoch,
           const std::string& active = "") {
    Json j = {{"metadata", {{"namespace", ns}, {"name", name}, {"uid", "u-" + name}}},
              {"spec", {{"selector", {{"matchLabels", {{"app", name}}}}}}},
              {"status", {{"phase", "Healthy"}, {"primary", primary}, {"epoch", epoch}}}};
    j["status"]["history"] = Json::array({{{"request", "old"}, {"from", "a"}, {"to", primary}}});
    if (!active.empty()) j["status"]["activeRequest"] = active;
    groups_[ns + "/" + name] = std::make_shared<const api::HaGroup>(api::haGroupFromJson(j));
  }
  const api::SwitchoverRequest& ask(const std::string& ns, const std::string& name, const std::string& group,
                                    const std::string& phase, const std::string& by = "") {
    const Json j = {
        {"metadata", {{"namespace", ns}, {"name", name}, {"annotations", {{"ha.baton.dev/requested-by", by}}}}},
        {"spec", {{"groupRef", {{"name", group}}}, {"reason", "kernel"}}},
        {"status", {{"phase", phase}}}};
    auto& slot = requests_[ns + "/" + name];
    slot = std::make_shared<const api::SwitchoverRequest>(api::switchoverFromJson(j));
    return *slot;
  }

  bool ready_ = true;
  std::chrono::seconds unheard_{0};
  std::map<std::string, Group> groups_;
  std::map<std::string, Request> requests_;
};

/// What was sent to one viewer.
class FakeBody final : public http::BodyStream {
 public:
  bool send(std::shared_ptr<const std::string> bytes) override {
    if (ended_) return false;
    sent_ += *bytes;
    last_ = bytes;
    return true;
  }
  size_t waiting() const override { return waiting_; }
  void finish() override { ended_ = true; }

  /// The events since the last call, each "name data"; pulses of a healthy API server are left out.
  std::vector<std::string> events() {
    std::vector<std::string> all;
    for (size_t at = 0; (at = sent_.find("event: ", at)) != std::string::npos;) {
      const size_t name = at + 7, line = sent_.find("\ndata: ", name), end = sent_.find("\n\n", line);
      const std::string one = sent_.substr(name, line - name) + " " + sent_.substr(line + 7, end - line - 7);
      if (one != R"(pulse {"unheardSeconds":0})") all.push_back(one);
      at = end;
    }
    sent_.clear();
    return all;
  }

  std::string sent_;
  std::shared_ptr<const std::string> last_;
  size_t waiting_ = 0;
  bool ended_ = false;
};

class UiTest : public gateway::GatewayTest {
 protected:
  UiTest() {
    source_.put("shop", "orders", "orders-0", 1);
    source_.put("bank", "ledger", "ledger-0", 4);
  }
  /// All that was planned for now has run after it.
  const http::Response& ask(http::Method method, const std::string& target, http::Headers headers = {},
                            const std::string& body = "") {
    http::Request r;
    r.method = method;
    r.target = target;
    r.headers = std::move(headers);
    r.headers.emplace_back("Host", "baton.example.org");
    r.body = body;
    const size_t before = answers_.size();
    site_.handle(std::move(r), {"127.0.0.1", 1234, tls_},
                 [this](http::Response a) { answers_.push_back(std::move(a)); });
    for (int i = 0; i < 6000 && answers_.size() == before; ++i) {
      manual_.pass(std::chrono::milliseconds(0));
      if (answers_.size() == before) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // for a password
    }
    if (answers_.size() == before) return answer();
    const auto rest = std::make_shared<FakeBody>();
    if (answer().stream && target == "/ui/api/groups") answer().stream(rest), answers_.back().body += rest->sent_;
    return answer();
  }
  const http::Response& get(const std::string& target) { return ask(http::Method::Get, target, token()); }
  const http::Response& post(const std::string& target, const Json& body) {
    auto headers = token();
    headers.emplace_back("Content-Type", "application/json; charset=utf-8");
    return ask(http::Method::Post, target, headers, body.dump());
  }
  Json json() { return Json::parse(answer().body); }
  std::string reason() { return json()["reason"]; }
  std::shared_ptr<FakeBody> watch() {
    const auto body = std::make_shared<FakeBody>();
    if (const auto& stream = get("/ui/api/events").stream) stream(body);
    manual_.pass(std::chrono::milliseconds(0));
    return body;
  }

  bool tls_ = true;
  FakeSource source_;
  ManualTimers manual_{clock_};
  Site site_{{server_, source_, authenticator_, access_, manual_, clock_, "1.2.3", randomBytes,
              [this](const std::string& user, double) {
                return std::find(overdrawn_.begin(), overdrawn_.end(), user) == overdrawn_.end();
              },
              [this] { return stopping_; },
              [this](std::string_view api, int status, double) {
                ++answered_[std::string(api) + " " + std::to_string(status)];
              },
              [this](std::string_view) { ++notProved_; }}};
};

}  // namespace baton::ui
