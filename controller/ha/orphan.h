// Requests for a group that is not there.
#pragma once

#include <optional>

#include "api/switchover.h"

namespace baton::ha {

struct Orphan {
  std::optional<api::SwitchoverStatus> status;  // to be stored
  bool remove = false;                          // its time after its end is over
  std::optional<Time> wakeAt;
};

/// A group may come a moment after its request, as when both stand in one file: so long is waited, then the request
/// ends: Rejected with GroupNotFound when it had not begun, else Failed.
inline constexpr std::chrono::seconds kGroupPatience{3};
Orphan withoutGroup(const api::SwitchoverRequest& r, Time now);

}  // namespace baton::ha
