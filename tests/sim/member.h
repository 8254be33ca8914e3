// A member of the group as its program sees itself: a log of writes, copied by the standbys, and hooks that keep the
// rules of docs/hooks.md.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/hook.h"
#include "sim/scheduler.h"

namespace baton::sim {

/// What outlives the process; with a StatefulSet, the pod too.
struct Disk {
  std::vector<uint32_t> log;  // the writes, by their numbers
  int64_t told = -1;          // the highest epoch that a hook has named
  int64_t gaveUp = -1;        // the highest epoch at which it was told to be no primary
  std::string upstream;       // whom it copies; empty: nobody
};

/// How the calls of one hook go wrong.
enum class HookFault {
  None,
  Hang,      // never answered, and without effect
  Fail,      // says that it failed, and has done nothing
  Mute,      // does it, and the answer is lost
  DoneFail,  // does it, and says that it failed
  Slow,      // takes seconds
};

struct Member {
  std::string name, uid, ip;
  std::shared_ptr<Disk> disk;
  bool running = true;     // the process
  bool accepting = false;  // believes that it is the primary: acknowledges writes
  bool fenced = false;
  bool terminating = false;
  int restarts = 0;
  bool lostRole = false;  // its process ended while it was the primary, and it has not been promoted since

  Micros hungUntil = 0, unreadyUntil = 0;
  Micros cutUntil = 0, cutSince = 0;  // its node is not reachable
  Micros lonelyUntil = 0;             // it can't copy
  Micros slowUntil = 0;               // it copies slowly
  struct Fault {
    HookFault kind = HookFault::None;
    Micros until = 0;
  };
  std::array<Fault, 6> faults;
  /// Baton does not reach it, though its node and its clients do.
  enum class Way { Silent, Deaf, Refused };  // nothing arrives; no answer comes back; somebody on the way says no
  Way way = Way::Silent;
  Micros unreachableUntil = 0;
  bool denies = false;  // its lie: that it is primary; else, that it is healthy
  Micros liesUntil = 0;
  std::string lastAnswer;  // of its probe; for the trace

  bool hung(Micros now) const { return now < hungUntil; }
  bool cut(Micros now) const { return now < cutUntil; }
  bool ready(Micros now) const { return running && !hung(now) && now >= unreadyUntil; }
  HookFault fault(api::HookKind hook, Micros now) const {
    const Fault& f = faults[static_cast<size_t>(hook)];
    return now < f.until ? f.kind : HookFault::None;
  }
};

/// A hook's answer.
struct HookAnswer {
  int status = 200;
  std::string body;
};

/// Does the older log begin the newer one?
bool begins(const std::vector<uint32_t>& older, const std::vector<uint32_t>& newer);

/// What the hook does. `upstream` is whom `m` copies, null when there is none; `positions`: the probe tells one;
/// `remembers`: the program refuses what comes too late; `lies`: its probe does not tell the truth.
HookAnswer callHook(Member& m, api::HookKind hook, int64_t epoch, const std::string& primary, const Member* upstream,
                    bool positions, bool remembers, bool lies);

}  // namespace baton::sim
