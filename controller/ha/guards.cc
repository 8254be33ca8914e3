#include "ha/guards.h"

#include <algorithm>

#include "ha/failure.h"

namespace baton::ha {
namespace {

using api::Mode;
using api::Reason;

/// No group comes to so many grants; an annotation that says more is somebody's mistake.
constexpr int64_t kMostGrants = 1'000'000;

Refusal tooFrequent(const Snapshot& s) {
  const int64_t least = s.spec().switchover.minIntervalSeconds;
  const auto& last = s.group.status.lastRoleChange;
  if (least <= 0 || !last || !last->completion) return {};
  const Time open = *last->completion + std::chrono::seconds(least);
  if (s.now >= open) return {};
  return {Reason::TooFrequent, "the last role change ended at " + formatTimeSeconds(*last->completion) +
                                   "; switchover.minIntervalSeconds is " + std::to_string(least) +
                                   ", so the next may start at " + formatTimeSeconds(open) + "."};
}

Refusal wrongPrimary(const Snapshot& s, const api::SwitchoverRequest& r) {
  const std::string primary = holder(s);
  // What a failover has found failed may be gone altogether by now.
  const bool vanished = r.trigger == api::kFailoverTrigger && primary.empty();
  if (!r.spec.expectedPrimary.empty() && r.spec.expectedPrimary != primary && !vanished)
    return {Reason::UnexpectedPrimary, "expected was " + r.spec.expectedPrimary + " as primary, it is " +
                                           (primary.empty() ? "nobody" : primary) + "."};
  if (!primary.empty() || r.spec.mode == Mode::Forced) return {};
  if (neverHadPrimary(s) && !r.spec.candidate.empty()) return {};
  if (neverHadPrimary(s))
    return {Reason::NoPrimary, "the group has no primary yet; a request that names a candidate gives it one."};
  return {Reason::NoPrimary,
          "the group has no primary to hand the role over; a request with mode Forced gives it one."};
}

}  // namespace

bool isTrue(const api::HaGroupStatus& g, std::string_view condition) {
  const api::Condition* c = findCondition(g.conditions, condition);
  return c && c->status == "True";
}

std::vector<std::string> labelledPrimaries(const Snapshot& s) {
  std::vector<std::string> names;
  for (const auto& m : s.members)
    if (m.label == Label::Primary && !m.finished) names.push_back(m.name);
  return names;
}

std::string holder(const Snapshot& s) {
  const auto& st = s.group.status;
  const Member* m = s.member(st.primary);
  if (!m || m->finished) return "";
  if (!st.primaryUid.empty() && st.primaryUid != m->uid) return "";
  return st.primary;
}

const Member* formerPrimary(const Snapshot& s) {
  const auto& g = s.group.status;
  if (!holder(s).empty()) return nullptr;
  const Member* m = s.pod(g.primary.empty() ? g.formerPrimary : g.primary);
  const std::string& uid = g.primary.empty() ? g.formerPrimaryUid : g.primaryUid;
  return m && !m->finished && (uid.empty() || uid == m->uid) ? m : nullptr;
}

int64_t highestEpoch(const Snapshot& s) {
  int64_t highest = s.group.status.epoch;
  for (const auto& m : s.members)
    if (m.labelEpoch - s.group.status.epoch <= kMostGrants) highest = std::max(highest, m.labelEpoch);
  return highest;
}

bool neverHadPrimary(const Snapshot& s) { return s.group.status.epoch == 0 && s.group.status.primary.empty(); }

bool epochOutOfRange(int64_t epoch) { return epoch < 0 || epoch > kMostEpoch; }

Refusal refusal(const Snapshot& s, const api::SwitchoverRequest& r) {
  if (epochOutOfRange(s.group.status.epoch))
    return {Reason::InvalidSpec, "the group's status.epoch is " + std::to_string(s.group.status.epoch) +
                                     ", which no count of grants reaches; set it right by hand."};
  if (!s.spec().error.empty())
    return {Reason::InvalidSpec, "HaGroup " + s.group.meta.name + ": " + s.spec().error + "."};
  if (!r.spec.candidate.empty() && !r.spec.candidateZone.empty())
    return {Reason::InvalidSpec, "candidate and candidateZone exclude each other."};
  if (s.spec().paused) return {Reason::Paused, "the group is paused (spec.paused)."};
  if (!s.spec().switchover.enabled && r.spec.mode == Mode::Planned)
    return {Reason::Disabled, "planned role changes are disabled (spec.switchover.enabled is false)."};
  const bool automatic = r.trigger == api::kFailoverTrigger;  // the other one may be gone altogether
  if (s.members.size() < 2 && !automatic)
    return {Reason::NotSupported,
            "the group has " + std::to_string(s.members.size()) + " member(s); a role change needs two."};
  if (const auto p = labelledPrimaries(s); p.size() > 1) {
    std::string names;
    for (const auto& n : p) names += (names.empty() ? "" : ", ") + n;
    return {Reason::SplitBrain, "several pods carry the primary label: " + names + "."};
  }
  if (const Failure f = failure(s); automatic && !f && !f.unknown)
    return {Reason::UnexpectedPrimary,
            "the primary " + holder(s) + " is well again, so there is nothing to fail over from."};
  if (Refusal f = wrongPrimary(s, r)) return f;
  if (r.spec.mode == Mode::Planned) return tooFrequent(s);
  return {};
}

}  // namespace baton::ha
