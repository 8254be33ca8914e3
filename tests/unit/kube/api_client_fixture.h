// An API client whose server, timers and credentials are in the test's hand.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "kube/api_client.h"
#include "unit/kube/fake_transport.h"
#include "unit/kube/manual_clock.h"

namespace baton::kube {

class FakeAuthenticator : public Authenticator {
 public:
  void credential(std::function<void(Result<Credential>)> done) override {
    if (slow) return waiting.push_back(std::move(done));
    done(next);
  }
  bool refused(uint64_t serial) override {
    refusals.push_back(serial);
    return another;
  }
  Result<Credential> next = Credential{"Bearer one", 1};
  bool slow = false;     // answers only when the test calls `waiting`
  bool another = false;  // what refused() says
  std::vector<std::function<void(Result<Credential>)>> waiting;
  std::vector<uint64_t> refusals;
};

class ApiClientTest : public testing::Test {
 protected:
  using Code = std::pair<http::Method, std::string>;

  /// Lets go of what the test left without an answer: it holds the client's insides, which hold the transport.
  ~ApiClientTest() override {
    client.reset();
    authenticator->waiting.clear();
    for (const auto& transport : made) {
      transport->sent.clear();
      transport->streams.clear();
    }
  }

  void make() {
    ApiClientOptions o;
    o.connect = [this] {
      made.push_back(std::make_shared<FakeTransport>());
      return made.back();
    };
    o.authenticator = authenticator;
    o.after = [this](std::chrono::steady_clock::duration d, std::function<void()> f) {
      later.emplace_back(std::chrono::duration_cast<std::chrono::milliseconds>(d), std::move(f));
    };
    o.userAgent = "baton/test";
    o.pathPrefix = prefix;
    o.as = as;
    o.maxInFlight = most;
    o.moreForRoleChange = 2;
    o.observe = [this](http::Method m, const std::string& code, double) { observed.emplace_back(m, code); };
    o.random = [] { return 0.5; };
    o.clock = &clock;
    client = makeApiClient(std::move(o));
  }

  /// The transports as the client made them, newest set.
  FakeTransport& requests() { return *made.at(made.size() - 3); }
  FakeTransport& streams() { return *made.at(made.size() - 2); }
  FakeTransport& lease() { return *made.at(made.size() - 1); }

  static ApiRequest request(const std::string& target, Lane lane = Lane::Normal) {
    ApiRequest q;
    q.target = target;
    q.lane = lane;
    return q;
  }

  /// What came of it is in ended[target], one string a call of `done`.
  void send(ApiRequest q) {
    const std::string name = q.target;
    client->send(std::move(q), [this, name](Result<http::Response> r) {
      ended[name].push_back(r ? std::to_string(r->status) + " " + r->body : describe(r.error()));
      errors.insert_or_assign(name, r ? Error{} : r.error());
    });
  }

  static std::string describe(const Error& e) {
    switch (e.kind) {
      case Error::Kind::Cancelled:
        return "cancelled";
      case Error::Kind::Unauthorized:
        return "unauthorized";
      case Error::Kind::TooManyRequests:
        return "too many requests";
      case Error::Kind::Unavailable:
        return "unavailable";
      case Error::Kind::NotFound:
        return "not found";
      default:
        return e.message;
    }
  }

  std::vector<std::string> waitingTargets() {
    std::vector<std::string> all;
    for (const auto& sent : requests().sent) all.push_back(sent.request.target);
    return all;
  }

  /// Runs what was planned, and returns the pauses.
  std::vector<int64_t> runLater() {
    std::vector<int64_t> pauses;
    auto now = std::exchange(later, {});
    for (auto& [pause, f] : now) {
      pauses.push_back(pause.count());
      f();
    }
    return pauses;
  }

  using Ended = std::vector<std::string>;

  ManualClock clock;
  std::shared_ptr<FakeAuthenticator> authenticator = std::make_shared<FakeAuthenticator>();
  std::string prefix;
  std::optional<Impersonation> as;
  int most = 2;
  std::vector<std::shared_ptr<FakeTransport>> made;
  std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> later;
  std::map<std::string, Ended> ended;
  std::map<std::string, Error> errors;
  std::vector<Code> observed;
  std::shared_ptr<Client> client;
};

}  // namespace baton::kube
