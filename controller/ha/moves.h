// Planned changes of roles that Baton asks for itself: away from a node that is drained, and back home.
#pragma once

#include <optional>

#include "ha/decision.h"
#include "ha/snapshot.h"

namespace baton::ha {

struct Move {
  std::optional<NewRequest> make;
  std::optional<Time> wakeAt;  // to be looked at again then
};

/// Only for a group whose primary has not failed.
Move plannedMove(const Snapshot& s);

}  // namespace baton::ha
