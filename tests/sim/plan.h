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
  CutMember,   // its node is not reachable
  Lonely,      // it can't copy
  SlowMember,  // it copies slowly
  BadHook,
  // Controllers and their machines.
  KillController,
  KillAfterWrites,
  EndController,  // in order; another one starts
  Freeze,
  Suspend,
  SetClock,
  CutApi,
  CutPods,
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
  int catchUpSeconds = 10, hookSeconds = 3, hookRetries = 2;
  int64_t maxLag = -1;

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
