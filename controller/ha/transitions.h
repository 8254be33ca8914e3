// The table of allowed transitions of a SwitchoverRequest, and the only function that makes one.
#pragma once

#include <string>
#include <vector>

#include "api/switchover.h"

namespace baton::ha {

struct Transition {
  api::Phase from, to;
  const char* when;
};

/// docs/switchover.md shows the same table; a test compares them.
const std::vector<Transition>& transitions();
bool allowed(api::Phase from, api::Phase to);

/// Moves on: ends the step of the present phase, begins that of the new one. Throws std::logic_error when the table
/// does not allow it: that is a fault of the program, and nothing may be stored or done then.
void advance(api::SwitchoverStatus& st, api::Phase to, Time now);

/// Records a phase that had nothing to do, or whose work is seen to be done, without storing it on its own.
void passThrough(api::SwitchoverStatus& st, api::Phase p, api::StepState state, const std::string& message, Time now);

}  // namespace baton::ha
