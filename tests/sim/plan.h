// What a run consists of, made from its seed: the group, the cluster, and all that is done to them, when. A run is
// repeated from its plan; a plan with fewer events is a smaller run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cluster.h"

namespace baton::sim {

enum class Event {
  // People.
  Request,        // asks for a role change
  Cancel,         // the newest request
  DeleteRequest,  // the newest one
  Pause,          // the group, for a while
  Touch,          // writes something of no account into an object: its version changes
  Relabel,        // puts a role label on a pod by hand
  // Members.
  DeletePod,
  RestartMember,
  HangMember,
  UnreadyMember,
  CutMember,    // its node is not reachable
  Unreachable,  // Baton does not reach it, all others do
  Liar,         // its probe does not tell the truth
  Lonely,       // it can't copy
  SlowMember,   // it copies slowly
  BadHook,
  Diverge,  // a primary goes alone, fails, comes back with what nobody else has, and is wanted again
  Regret,   // a role change is cancelled while a slow demote runs
  Blink,    // the leader loses the Lease while it does not reach the primary
  // Controllers and their machines.
  KillController,
  KillAfterWrites,
  EndController,  // in order; another one starts
  Freeze,
  Suspend,
  SetClock,
  CutApi,
  CutPods,
  DeafPods,  // its calls arrive, and no answer comes back
  Isolate,   // from everything
  Strike,    // it, or its next message, at the moment at which that leaves
  StormApi,
  StormPods,
  StallWatches,
  // The API server.
  ApiDown,
  CompactHistory,
  DeleteLease,
};
inline constexpr int kEvents = static_cast<int>(Event::DeleteLease) + 1;
const char* name(Event e);

struct Happening {
  Micros when = 0;
  Event event = Event::Request;
  int64_t whom = 0;  // which member, controller or hook, by number
  Micros lasting = 0;
  uint64_t details = 0;  // a seed for whatever else there is to choose
};

/// What a group of a run is like.
struct GroupOptions {
  bool probe = false, demote = false, promote = false, follow = false, fence = false, disconnect = false;
  bool fencingRequired = false, fenceHook = false, deletePod = false;
  bool bootstrapByHand = false;
  bool detected = false;  // detection.source: Probe
  int period = 1, timeout = 1, threshold = 3;
  int failoverDelay = 0, failoverPause = 60, failoversPerHour = 6;
  int catchUpSeconds = 10, hookSeconds = 3, hookRetries = 2;
  int64_t maxLag = -1;

  /// Must Baton itself see to it that the group has a primary, without a person's help?
  bool unaided() const { return detected && !fencingRequired && !bootstrapByHand && maxLag < 0; }
  bool hooks() const { return probe || demote || promote || follow || fence || disconnect; }
};

struct Plan {
  uint64_t seed = 0;
  int controllers = 2;
  ClusterOptions cluster;
  GroupOptions group;
  Micros writeEvery = 100 * kMillisecond;
  Micros lasting = 2 * kMinute;       // then nothing goes wrong any more
  std::vector<Happening> happenings;  // by time
};

Plan makePlan(uint64_t seed);
std::string describe(const Plan& plan);
std::string describe(const Happening& h);

}  // namespace baton::sim
