// Who may become primary, who will, and a reason for each that a person understands.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/switchover.h"
#include "ha/snapshot.h"

namespace baton::ha {

/// Answers of this moment's probes, by pod. A pod that is missing has not answered.
using Reports = std::map<std::string, Report>;
/// From the Probe effects of the present phase.
Reports reports(const Progress& p);

/// Priority of a member: its label's number; 1 without a label; 0 when the label is not a number from 0 to 1000000.
int64_t priority(const Member& m);

struct Standing {
  std::string pod, reason, zone;
  bool eligible = false;
  bool laggard = false;  // refused for lag or an unhealthy or silent probe alone
  int64_t priority = 1;
  std::optional<int64_t> position, lag;
};

struct Choice {
  std::vector<Standing> all;  // every member but the primary, unless it regains the role; best first
  std::string pod;            // the chosen one; empty: none, then `reason` says why
  api::Reason reason = api::Reason::None;
  std::string message;
};

struct Wish {
  std::string candidate, zone;  // what the request names
  bool forced = false;          // Forced: lag is no obstacle, and the highest position comes first
  bool automatic = false;       // nobody has asked for the loss: lag is an obstacle all the same
};

/// A person wants the primary, which has failed, to have the role all the same: it is granted to it anew. There may be
/// nobody else, and its data be whole.
bool regains(const Snapshot& s, const std::string& primary, const Wish& wish);

/// `primary`: the present primary's name, or empty. `reports` is empty when the group has no probe hook.
Choice choose(const Snapshot& s, const std::string& primary, const Wish& wish, const Reports& reports);

std::vector<api::CandidateStatus> toStatus(const std::vector<Standing>& all);

}  // namespace baton::ha
