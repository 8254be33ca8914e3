// An API server for tests, as far as statuses, labels and deletions need one: objects as JSON, versions that are
// counted through, merge patches with preconditions. Its answers come on the outside thread, or when they are released.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kube/client.h"
#include "unit/reconcile/objects.h"
#include "unit/reconcile/outside.h"

namespace baton::reconcile {

class FakeServer final : public kube::Client {
 public:
  /// What is answered instead of doing it; nothing: it is done.
  using Fault = std::function<std::optional<Error>(const kube::ApiRequest&)>;

  FakeServer(Outside& outside, Journal& journal) : outside_(outside), journal_(journal) {}

  // The test's own hands; nothing of this stands in the journal.
  void put(const std::string& plural, Json object) {
    const std::lock_guard l(mutex_);
    Json& into = objects_[plural + "/" + object["metadata"]["name"].get<std::string>()];
    store(into, std::move(object));
  }
  /// As somebody else with kubectl patch.
  void patch(const std::string& plural, const std::string& name, const Json& change) {
    const std::lock_guard l(mutex_);
    Json& object = objects_.at(plural + "/" + name);
    Json changed = object;
    changed.merge_patch(change);
    store(object, std::move(changed));
  }
  void erase(const std::string& plural, const std::string& name) {
    const std::lock_guard l(mutex_);
    ++version_;
    objects_.erase(plural + "/" + name);
  }
  /// Null when there is none.
  Json get(const std::string& plural, const std::string& name) const {
    const std::lock_guard l(mutex_);
    const auto found = objects_.find(plural + "/" + name);
    return found == objects_.end() ? Json() : found->second;
  }
  uint64_t version() const {
    const std::lock_guard l(mutex_);
    return version_;
  }

  /// How often it was asked.
  int asked() const {
    const std::lock_guard l(mutex_);
    return asked_;
  }

  void fault(Fault f) {
    const std::lock_guard l(mutex_);
    fault_ = std::move(f);
  }
  /// The answers to the next `times` requests of that method are lost: what they asked for is done.
  void loseAnswers(http::Method method, int times, const Error& error) {
    const std::lock_guard l(mutex_);
    lost_ = {method, times, error};
  }
  /// From now on what is asked is done, but not answered before release().
  void hold() {
    const std::lock_guard l(mutex_);
    holding_ = true;
  }
  void release() {
    const std::lock_guard l(mutex_);
    holding_ = false;
    for (auto& answer : std::exchange(held_, {})) outside_.post(std::move(answer));
  }

  void send(kube::ApiRequest request, kube::Done done) override {
    outside_.post([this, request = std::move(request), done = std::move(done)] {
      auto answer = handle(request);
      {
        const std::lock_guard l(mutex_);
        if (request.method == lost_.method && lost_.times > 0 && answer) --lost_.times, answer = lost_.error;
      }
      {
        const std::lock_guard l(mutex_);
        if (holding_) return held_.push_back([done, answer] { done(answer); });
      }
      done(std::move(answer));
    });
  }
  http::CallHandle stream(kube::ApiRequest, http::StreamHandlers) override { return nullptr; }
  void shutDown() override {}

 private:
  void store(Json& into, Json object) {
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    into = std::move(object);
  }

  Result<http::Response> handle(const kube::ApiRequest& r) {
    const std::lock_guard l(mutex_);
    ++asked_;
    if (fault_)
      if (auto error = fault_(r)) return std::move(*error);
    // .../namespaces/NS/PLURAL/NAME[/status][?query]
    const std::string path = r.target.substr(0, r.target.find('?'));
    const size_t ns = path.find("/namespaces/"), plural = path.find('/', ns + 12) + 1;
    std::string key = path.substr(plural);
    const bool status = key.ends_with("/status");
    if (status) key.resize(key.size() - 7);
    if (r.method == http::Method::Post) return created(key, Json::parse(r.body));
    if (key.find('/') == std::string::npos) return listed(key);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return Error{Error::Kind::NotFound, key + " not found", {}, 404};
    if (r.method == http::Method::Patch) return patched(key, found->second, Json::parse(r.body), status);
    if (r.method == http::Method::Delete) return deleted(key, found->second, Json::parse(r.body));
    return kube::jsonAnswer(found->second.dump());
  }

  Result<http::Response> created(const std::string& plural, Json object) {
    const std::string name = object["metadata"]["name"], key = plural + "/" + name;
    if (objects_.contains(key)) return Error{Error::Kind::AlreadyExists, key + " already exists", {}, 409};
    object["metadata"]["uid"] = "uid-" + name;
    object["metadata"]["generation"] = 1;
    object["metadata"]["creationTimestamp"] = formatTimeSeconds(begin());
    store(objects_[key], std::move(object));
    journal_.add("create " + key);
    return kube::jsonAnswer(objects_[key].dump());
  }

  Result<http::Response> listed(const std::string& plural) const {
    Json items = Json::array();
    for (const auto& [key, object] : objects_)
      if (key.starts_with(plural + "/")) items.push_back(object);
    return kube::jsonAnswer(
        Json{{"metadata", {{"resourceVersion", std::to_string(version_)}}}, {"items", items}}.dump());
  }

  Result<http::Response> patched(const std::string& key, Json& object, const Json& change, bool status) {
    const std::string expected = api::text(api::object(change, "metadata"), "resourceVersion");
    if (!expected.empty() && expected != object["metadata"]["resourceVersion"]) return conflict(key);
    Json changed = object;
    if (status)
      changed["status"].merge_patch(change.value("status", Json::object()));
    else
      changed.merge_patch(change);
    if (changed != object) {  // else the version stays, as on a real server
      store(object, std::move(changed));
      journal_.add(lineOf(key, object));
    }
    return kube::jsonAnswer(object.dump());
  }

  Result<http::Response> deleted(const std::string& key, const Json& object, const Json& options) {
    const std::string uid = api::text(api::object(options, "preconditions"), "uid");
    if (!uid.empty() && uid != object["metadata"]["uid"]) return conflict(key);
    ++version_;
    objects_.erase(key);
    journal_.add("delete " + key);
    return kube::jsonAnswer("{}");
  }

  static Error conflict(const std::string& key) {
    return Error{Error::Kind::Conflict, key + ": the object has been modified", {}, 409};
  }

  /// "request move-1 Demoting", "group orders Switching, orders-1 at epoch 4", "pod orders-0 standby".
  static std::string lineOf(const std::string& key, const Json& object) {
    const std::string name = key.substr(key.find('/') + 1);
    const Json& status = api::object(object, "status");
    if (key.starts_with("switchoverrequests/")) return "request " + name + " " + api::text(status, "phase");
    if (key.starts_with("hagroups/"))
      return "group " + name + " " + api::text(status, "phase") + ", " + api::text(status, "primary") + " at epoch " +
             std::to_string(api::integer(status, "epoch"));
    return "pod " + name + " " + api::text(api::object(object["metadata"], "labels"), "ha.baton.dev/role");
  }

  Outside& outside_;
  Journal& journal_;
  mutable std::mutex mutex_;
  std::map<std::string, Json> objects_;  // "PLURAL/NAME"; of one namespace
  uint64_t version_ = 100;
  int asked_ = 0;
  Fault fault_;
  struct {
    http::Method method = http::Method::Get;
    int times = 0;
    Error error{Error::Kind::Internal, {}, {}, 0};
  } lost_;
  bool holding_ = false;
  std::vector<std::function<void()>> held_;
};

}  // namespace baton::reconcile
