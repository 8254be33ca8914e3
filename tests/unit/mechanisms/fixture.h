// The mechanisms with a scripted API server, and shortcuts for effects and targets.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mechanisms/make_mechanisms.h"
#include "unit/http/support.h"
#include "unit/kube/watch_fake_client.h"

namespace baton::mechanisms {

using Kind = ha::EffectId::Kind;
using http::test::Waiter;
using kube::ApiRequest;
using Answer = Result<http::Response>;
using Ended = std::shared_ptr<Waiter<ha::EffectResult>>;

inline Answer ok(std::string body) { return kube::jsonAnswer(std::move(body)); }
inline Answer conflict() { return Error{Error::Kind::Conflict, "the object has been modified", {}, 409}; }

/// Counts its calls; `says` answers.
struct Gate {
  std::atomic<int> asked{0};
  std::function<bool(int)> says = [](int) { return true; };
};

class MechanismsTest : public testing::Test {
 protected:
  MechanismsTest() {
    group_.meta.ns = "shop";
    group_.meta.name = "orders";
    pod_.meta.ns = "shop";
    pod_.meta.name = "orders-1";
    pod_.meta.uid = "u1";
    pod_.meta.resourceVersion = 7;
    pod_.ip = "127.0.0.1";
    pod_.firstContainer = Interned("db");
  }
  /// Made at first use, so that a test can set things up before.
  Mechanisms& mechanisms() {
    if (!mechanisms_)
      mechanisms_ = makeMechanisms({client_, access_, exec_, transports_, timers_, Clock::real(),
                                    [this](std::string_view hook, std::string_view result, double seconds) {
                                      const std::lock_guard l(mutex_);
                                      EXPECT_GE(seconds, 0);
                                      observed_.push_back(std::string(hook) + " " + std::string(result));
                                    }});
    return *mechanisms_;
  }

  ha::Effect effect(Kind kind, int64_t epoch = 5) {
    ha::Effect e;
    e.id.kind = kind;
    e.id.pod = "orders-1";
    e.epoch = epoch;
    e.role = "primary";
    e.primary = "orders-1";
    e.request = "move-1";
    return e;
  }
  ha::Effect hookEffect(api::HookKind hook = api::HookKind::Promote) {
    ha::Effect e = effect(Kind::Hook);
    e.id.hook = hook;
    return e;
  }
  /// Makes it the group's hook of every kind.
  void setHook(api::Hook hook) {
    auto hooks = std::make_shared<api::Hooks>();
    for (auto& h : hooks->all) h = hook;
    spec_.hooks = hooks;
  }
  Target target() {
    Target t;
    auto group = std::make_shared<api::HaGroup>(group_);
    group->spec = std::make_shared<api::HaGroupSpec>(spec_);
    t.group = group;
    t.pod = std::make_shared<api::Pod>(pod_);
    t.primaryPod = t.pod;
    t.mayStart = [gate = gate_](std::chrono::milliseconds) { return gate->says(gate->asked++); };
    t.learned = [this](std::shared_ptr<const api::Pod> p) {
      const std::lock_guard l(mutex_);
      learned_.push_back(std::move(p));
    };
    return t;
  }
  std::pair<http::CallHandle, Ended> start(const ha::Effect& e, Target t) {
    auto ended = std::make_shared<Waiter<ha::EffectResult>>();
    auto handle = mechanisms().run(e, std::move(t), [ended](ha::EffectResult r) { ended->set(std::move(r)); });
    return {std::move(handle), std::move(ended)};
  }
  ha::EffectResult run(const ha::Effect& e, Target t) { return start(e, std::move(t)).second->get(); }
  ha::EffectResult run(const ha::Effect& e) { return run(e, target()); }

  std::vector<ApiRequest> requests() {
    const std::lock_guard l(mutex_);
    return requests_;
  }
  std::vector<std::string> observed() {
    const std::lock_guard l(mutex_);
    return observed_;
  }
  std::vector<std::shared_ptr<const api::Pod>> learned() {
    const std::lock_guard l(mutex_);
    return learned_;
  }

  api::HaGroup group_;
  api::HaGroupSpec spec_;
  api::Pod pod_;
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  kube::ExecAccess access_;
  /// What the API server answers to the request of that number, from 0. Set before the first effect.
  std::function<Answer(const ApiRequest&, size_t)> server_ = [](const ApiRequest&, size_t) {
    return Answer(notFound("no answer was written for this"));
  };

 private:
  std::mutex mutex_;
  std::vector<ApiRequest> requests_;
  std::vector<std::string> observed_;
  std::vector<std::shared_ptr<const api::Pod>> learned_;

 protected:
  Timers timers_;
  kube::FakeClient client_{[this](const ApiRequest& r) {
    size_t number = 0;
    {
      const std::lock_guard l(mutex_);
      number = requests_.size();
      requests_.push_back(r);
    }
    return server_(r, number);
  }};
  http::ExecClient exec_;
  http::HostTransports transports_;
  std::shared_ptr<Mechanisms> mechanisms_;  // goes first
};

}  // namespace baton::mechanisms
