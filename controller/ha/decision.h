// What the core wants next. Either something is stored, and the next decision is made from what is stored then; or
// effects are started, which belong to a phase that is stored already. When a request's phase changes, the shell drops
// what is still under way for the phase before.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/hagroup.h"
#include "api/switchover.h"
#include "ha/effect.h"

namespace baton::ha {

struct RequestWrite {
  std::string request;  // name
  api::SwitchoverStatus status;
};

/// A request that Baton makes itself.
struct NewRequest {
  const char* trigger = "";  // "failover", "failback", "drain"
  std::string name;
  api::SwitchoverSpec spec;
};

struct Decision {
  /// Stored first; request and group may be written at the same time, and the next decision waits for both.
  std::vector<RequestWrite> requests;
  std::optional<api::HaGroupStatus> group;
  /// The role is granted to whom the label shows already. That label may have been taken away since, by a write of
  /// which no watch has told yet: the pods are read anew before this is stored.
  bool adopts = false;
  /// Made at the same time; the next decision waits for that, too.
  std::optional<NewRequest> make;
  /// Started only when nothing is to be stored.
  std::vector<Effect> start;
  /// Requests whose time after their end is over.
  std::vector<std::string> remove;
  /// Decide again by then at the latest, even if nothing happens.
  std::optional<Time> wakeAt;

  bool stores() const { return !requests.empty() || group.has_value() || make.has_value(); }
  void wake(Time t) {
    if (!wakeAt || t < *wakeAt) wakeAt = t;
  }
};

struct Snapshot;
/// The one entry: snapshot in, next step out. Pure: the same snapshot gives the same decision.
Decision decide(const Snapshot& s);

}  // namespace baton::ha
