// What Baton would do with a group, in words. Pure.
#pragma once

#include <string>

#include "cli/terminal.h"
#include "ha/decision.h"
#include "ha/snapshot.h"

namespace baton::cli {

/// Why each pod would or would not be chosen now, and what would become of a failure of the primary.
std::string explanation(const ha::Snapshot& s, const Paint& paint);

/// The decision, a line for each part of it.
std::string described(const ha::Snapshot& s, const ha::Decision& d);

}  // namespace baton::cli
