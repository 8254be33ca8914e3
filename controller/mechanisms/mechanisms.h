// How an effect of the core reaches a pod. One entry; behind it a file for each way: label, exec hook, HTTP hook,
// routing look, deletion. An interface, so that the reconciler's tests can replace all of the outside world.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/core.h"
#include "api/hagroup.h"
#include "api/pod.h"
#include "ha/effect.h"
#include "http/transport.h"

namespace baton::mechanisms {

/// What an effect needs to know of the world, as of the moment it is started.
struct Target {
  std::shared_ptr<const api::HaGroup> group;   // never null
  std::shared_ptr<const api::Pod> pod;         // of the effect; null: there is none
  std::shared_ptr<const api::Pod> primaryPod;  // Effect::primary; null: there is none
  std::vector<std::string> services;           // names of the Services that select the primary label
  std::vector<std::string> otherMembers;       // the group's pods but Effect::pod
  bool nodeGone = false;                       // the pod's node is gone, or marked out of service
  /// May an effect that lasts that long be started? Asked right before each try and each write.
  std::function<bool(std::chrono::milliseconds)> mayStart;
  /// Takes a pod as the API server returned it, before `done` runs.
  std::function<void(std::shared_ptr<const api::Pod>)> learned;
};

using Done = std::function<void(ha::EffectResult)>;

class Mechanisms {
 public:
  virtual ~Mechanisms() = default;
  /// `done` runs exactly once, on another thread, with Done or Failed; start and end times are set. The handle's
  /// cancel() ends it early (Failed, "aborted"); no further try is begun then, and nothing is waited for.
  virtual http::CallHandle run(const ha::Effect& effect, Target target, Done done) = 0;
};

}  // namespace baton::mechanisms
