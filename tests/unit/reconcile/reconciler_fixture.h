// A GroupReconciler with a real World, StatusWriter and work queue, and nothing real around them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/timers.h"
#include "reconcile/group_reconciler.h"
#include "unit/reconcile/fake_server.h"
#include "unit/reconcile/metrics_text.h"
#include "unit/reconcile/outside.h"

namespace baton::reconcile {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Lines = std::vector<std::string>;

class ReconcilerTest : public testing::Test {
 protected:
  static constexpr const char* kGroups = "hagroups";
  static constexpr const char* kRequests = "switchoverrequests";

  ~ReconcilerTest() override {
    reconciler_->stop();
    server_.release();
    outside_.drain();
  }

  /// A healthy group "orders" of three, whose first pod is primary at epoch 3; nothing is left to do for it.
  void haveGroup(const Json& spec = Json::object()) {
    for (int i = 0; i < 3; ++i) havePod("orders-" + std::to_string(i), i == 0 ? "primary" : "standby");
    Json g = groupJson("orders", spec);
    g["status"] = {{"phase", "Healthy"}, {"primary", "orders-0"}, {"primaryUID", "uid-orders-0"}, {"epoch", 3}};
    server_.put(kGroups, g);
    watch(kGroups, "orders");
    settle();
    journal_.take();
    events_.take();
  }
  void havePod(const std::string& name, const std::string& role, const std::string& epoch = "3") {
    Json p = podJson(name, {{"cluster", name.substr(0, name.find('-'))}, {"ha.baton.dev/role", role}});
    p["metadata"]["annotations"] = {{"ha.baton.dev/epoch", epoch}};
    server_.put("pods", p);
    watch("pods", name);
  }
  void ask(const std::string& name, const Json& spec = {{"candidate", "orders-1"}},
           const std::string& group = "orders") {
    server_.put(kRequests, requestJson(name, group, spec));
    watch(kRequests, name);
  }
  void remove(const std::string& plural, const std::string& name) {
    const Json last = server_.get(plural, name);
    server_.erase(plural, name);
    tell(plural, kube::EventType::Deleted, last);
  }
  /// The watch tells what the server has.
  void watch(const std::string& plural, const std::string& name) {
    tell(plural, kube::EventType::Modified, server_.get(plural, name));
  }

  /// Waits for a key and decides on it; all that is answered by that has been answered then.
  void turn() {
    const Timers::Id guard = timers_.after(60s, [this] { queue_.shutDown(); });
    const auto key = queue_.get();
    timers_.cancel(guard);
    ASSERT_TRUE(key) << "no key came";
    reconciler_->reconcile(*key);
    queue_.done(*key);
    outside_.drain();
  }
  /// Until no key waits; one that comes back at once for ever is a fault.
  void settle() {
    for (int turns = 0; queue_.depth() > 0 && !HasFatalFailure(); ++turns) {
      ASSERT_LT(turns, 100) << "it never settles";
      turn();
    }
  }

  void end(const Begun& begun, ha::EffectResult::State state, const std::string& message = "") {
    ha::EffectResult r;
    r.state = state;
    r.message = message;
    r.attempts = 1;
    r.start = r.end = clock_.now();
    outside_.post([done = begun.done, r] { done(r); });
    outside_.drain();
  }
  void succeed(const Begun& begun) { end(begun, ha::EffectResult::State::Done); }
  void fail(const Begun& begun, const std::string& message) { end(begun, ha::EffectResult::State::Failed, message); }
  /// A label's effect does what it is for.
  void label(const std::string& what) {
    const auto begun = mechanisms_.take(what);
    const std::string& pod = begun->effect.id.pod;
    Json labels = {{"ha.baton.dev/role", begun->effect.role}};
    Json annotations = {{"ha.baton.dev/epoch", std::to_string(begun->effect.epoch)}};
    server_.patch("pods", pod, {{"metadata", {{"labels", labels}, {"annotations", annotations}}}});
    journal_.add("pod " + pod + " " + begun->effect.role);
    begun->target.learned(shared(api::decodePod(server_.get("pods", pod).dump()).value()));
    succeed(*begun);
  }

  std::string phase(const std::string& request = "move-1") const {
    return api::text(api::object(server_.get(kRequests, request), "status"), "phase");
  }
  std::string reason(const std::string& request = "move-1") const {
    return api::text(api::object(server_.get(kRequests, request), "status"), "reason");
  }
  int64_t epoch() const { return api::integer(api::object(server_.get(kGroups, "orders"), "status"), "epoch"); }
  /// How many decisions ended like that.
  int results(const std::string& word) {
    const auto n = valueOf(textOf(metrics_), R"(baton_reconcile_total{controller="hagroup",result=")" + word + "\"}");
    return static_cast<int>(n.value_or(0));
  }
  /// A fault for requests of that method whose target holds this, `times` times.
  void refuse(http::Method method, const std::string& target, const Error& error, int times = 1) {
    server_.fault([=, left = times](const kube::ApiRequest& r) mutable -> std::optional<Error> {
      if (r.method != method || r.target.find(target) == std::string::npos || left-- <= 0) return std::nullopt;
      return error;
    });
  }
  static Error down() { return Error{Error::Kind::Unavailable, "HTTP status 500", {}, 500}; }

  Outside outside_;
  AskedClock clock_;
  Timers timers_;
  kube::WorkQueue queue_;
  Journal journal_;
  FakeServer server_{outside_, journal_};
  FakeMechanisms mechanisms_{journal_};
  FakeLeadership leadership_;
  FakeEvents events_;
  Metrics metrics_{"1.0", "abc"};
  Announcer announcer_{events_, metrics_};
  World world_{[this](const std::string& key) { queue_.add(key); }};
  StatusWriter writer_{server_, world_};
  std::shared_ptr<GroupReconciler> reconciler_ = std::make_shared<GroupReconciler>(
      GroupReconciler::Parts{world_, writer_, mechanisms_, queue_, leadership_, announcer_, metrics_, clock_});

 private:
  void tell(const std::string& plural, kube::EventType type, Json object) {
    if (type == kube::EventType::Deleted)  // its last version is the deletion's
      object["metadata"]["resourceVersion"] = std::to_string(server_.version());
    if (plural == kGroups)
      world_.groups().apply(type, shared(api::haGroupFromJson(object)));
    else if (plural == kRequests)
      world_.requests().apply(type, shared(api::switchoverFromJson(object)));
    else
      world_.pods().apply(type, shared(api::decodePod(object.dump()).value()));
  }
};

}  // namespace baton::reconcile
