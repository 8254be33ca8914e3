// The phases of a request that has begun. Each function looks what of its phase is done, starts what is missing, and
// makes the next transition when all is done. After a crash the same function runs again: every effect allows that.
// Used inside ha/ only.
#pragma once

#include "ha/turn.h"

namespace baton::ha {

// Up to the point of no return: handover.cc.
Decision validating(Turn& t);
Decision demoting(Turn& t);
Decision catchingUp(Turn& t);
Decision fencing(Turn& t);

// After it: takeover.cc.
Decision promoting(Turn& t);
Decision routing(Turn& t);
Decision verifying(Turn& t);

/// For a hook that decides nothing where Forced is asked for: one try, and not for long.
void hurry(const Turn& t, Effect& e);

/// Forced, and the old primary did not do as it was told. It may answer nothing at all; it may also still be writing,
/// so that it is told to follow all the same.
bool unwilling(const Turn& t, const Member& m);

}  // namespace baton::ha
