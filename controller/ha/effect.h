// What the core asks the shell to do outside, and what came of it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "api/hook.h"
#include "base/time.h"

namespace baton::ha {

struct EffectId {
  enum class Kind {
    Hook,          // call `hook` on `pod`
    SetPrimary,    // role label of `pod` becomes primary, with the epoch
    SetStandby,    // role label of `pod` becomes standby
    MarkFollowed,  // as SetStandby, and the epoch that the pod follows, and its `listener.ends`
    CheckRouting,  // do the Services' EndpointSlices hold the new primary and not the old?
    DeletePod,     // delete `pod`; done when it is gone
  };
  Kind kind = Kind::Hook;
  api::HookKind hook = api::HookKind::Probe;
  std::string pod;
  int round = 0;  // repeated effects (probes while catching up) count on
  auto operator<=>(const EffectId&) const = default;
};

/// Its end is waited for before that pod may get the role again: both at once would leave it as nobody knows what.
inline bool takesAway(const EffectId& id) {
  const bool hook =
      id.kind == EffectId::Kind::Hook && (id.hook == api::HookKind::Demote || id.hook == api::HookKind::Fence);
  return hook || id.kind == EffectId::Kind::DeletePod;
}

/// It may set a pod's role, and a call that is given up may still be at work in the pod.
inline bool setsRole(const EffectId& id) {
  return takesAway(id) ||
         (id.kind == EffectId::Kind::Hook && (id.hook == api::HookKind::Promote || id.hook == api::HookKind::Follow));
}

/// What the pod is when it is told whom to follow, and when that is noted. Another one has not been told: a container
/// may have ended since, and with it what was known; or it was only starting.
struct Listener {
  int ends = 0;       // Member::ends
  bool ready = true;  // Member::ready
  bool operator==(const Listener&) const = default;
};

/// With what a hook is called, or a label written.
struct Effect {
  EffectId id;
  int64_t epoch = 0;
  std::string role;        // that the pod is to take: "primary" or "standby"
  std::string primary;     // the primary's pod, or the one that is about to be
  std::string request;     // name; "" when it is for none
  int tries = 0;           // 0: as the hook says
  int timeoutSeconds = 0;  // 0: as the hook says
  Listener listener;       // of Follow and MarkFollowed
};

/// A probe's answer.
struct Report {
  bool primary = false;
  std::optional<int64_t> position;
  bool healthy = true;
};

/// How far a call came that failed.
enum class Contact {
  None,     // nothing came back
  Refused,  // turned away at once: nobody listens, or no container runs
  Heard,    // the pod itself has answered, if badly: an HTTP status, an exit code
  Way,      // it failed on the way, where others than the pod are to blame: its kubelet, the API server, a Secret
};

struct EffectResult {
  enum class State { Running, Done, Failed };
  State state = State::Running;
  std::string message;  // output or error, bounded
  int attempts = 0;
  bool podGone = false;
  Contact contact = Contact::None;
  Time start{}, end{};
  std::optional<Report> report;
  Listener listener;  // the effect's

  bool done() const { return state == State::Done; }
  bool failed() const { return state == State::Failed; }
  bool running() const { return state == State::Running; }
  /// It has ended less than `pause` ago. No, when the clock has gone back to before its end: nobody knows how long ago.
  bool resting(Time now, std::chrono::milliseconds pause) const { return end <= now && now < end + pause; }
};

}  // namespace baton::ha
