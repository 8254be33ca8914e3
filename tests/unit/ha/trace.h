// What happened, in lines for people and for comparison.
#pragma once

#include <string>

#include "ha/decision.h"
#include "ha/snapshot.h"

namespace baton::ha::test {

/// Seconds since the scripts' first moment: "0.015".
std::string stamp(Time t);
std::string startText(const Effect& e);
/// What is stored of a request, and the phase it leaves.
std::string requestText(const api::SwitchoverRequest& before, const api::SwitchoverStatus& st);
std::string groupText(const api::HaGroupStatus& g);
/// Everything as it stands: the group, its conditions that matter, pods, requests with their steps.
std::string stateText(const Snapshot& s);

}  // namespace baton::ha::test
