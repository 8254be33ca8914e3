#include "ha/moves.h"

#include <algorithm>

#include "ha/candidates.h"
#include "ha/governor.h"
#include "ha/guards.h"
#include "ha/turn.h"

namespace baton::ha {
namespace {

constexpr std::chrono::seconds kFirstRetry{30}, kLongestRetry{600};

/// Requests of others come first, also those whose time has not come yet by a moment.
bool othersWait(const Snapshot& s) {
  return std::any_of(s.requests.begin(), s.requests.end(), [&](const auto& r) {
    const bool far = r.spec.scheduledAt && *r.spec.scheduledAt > s.now + std::chrono::minutes(1);
    return !api::finished(r.status.phase) && !r.meta.deleted && !far;
  });
}

bool allowed(const Snapshot& s, const Member& primary) {
  if (s.spec().paused || !s.spec().error.empty() || !s.spec().switchover.enabled || othersWait(s)) return false;
  if (isTrue(s.group.status, "Held")) return false;
  return primary.label == Label::Primary && primary.labelEpoch == s.group.status.epoch && claimants(s).empty();
}

NewRequest request(const Snapshot& s, const char* trigger, std::string why) {
  NewRequest r;
  r.trigger = trigger;
  r.name = requestName(s, trigger);
  r.spec.group = s.group.meta.name;
  r.spec.expectedPrimary = s.group.status.primary;
  r.spec.reason = std::move(why);
  return r;
}

/// Makes it unless the last one like it has not succeeded lately.
Move attempt(const Snapshot& s, NewRequest r) {
  const Retry again = retry(s, r.trigger, kFirstRetry, kLongestRetry);
  if (again.at && s.now < *again.at) return {std::nullopt, again.at};
  return {std::move(r), std::nullopt};
}

/// Positions as the detector knows them; where it does not ask, the request itself will.
Choice choiceFor(const Snapshot& s, const std::string& candidate) {
  const bool probed = s.spec().probed();
  Wish wish;
  wish.candidate = candidate;
  wish.forced = !probed;
  return choose(s, s.group.status.primary, wish, probed ? observed(s) : Reports{});
}

/// Nobody may take the role. Looked at again whenever a member changes; what it says by its probe changes without a
/// word.
Move lookAgain(const Snapshot& s) {
  return {std::nullopt, s.spec().probed() ? std::optional(s.now + std::chrono::seconds(2)) : std::nullopt};
}

std::string whyDrained(const Member& primary) {
  if (primary.terminating && primary.serving) return primary.name + " is being deleted";
  return primary.cordoned ? "the node of " + primary.name + " is cordoned" : "";
}

/// So much is this member preferred to others: docs/failover.md.
auto preference(const Snapshot& s, const Member& m) {
  const auto& g = s.group.status;
  const bool home = !g.originalZone.empty() && m.zone == g.originalZone;
  const auto& last = g.lastRoleChange;
  const bool before = last && last->trigger == api::kFailoverTrigger && last->from == m.name;
  return std::make_tuple(priority(m), home, before);
}

/// A pod that two failovers have left within the hour is no home: until when.
std::optional<Time> unsteady(const Snapshot& s, const std::string& pod) {
  std::optional<Time> until;
  int times = 0;
  for (const auto& c : s.group.status.history) {  // newest first
    if (c.trigger != api::kFailoverTrigger || c.from != pod || !c.completion) continue;
    if (*c.completion > s.now || *c.completion + std::chrono::hours(1) <= s.now) continue;
    ++times;
    until = *c.completion + std::chrono::hours(1);
  }
  return times > 1 ? until : std::nullopt;
}

Move homeward(const Snapshot& s, const Member& primary) {
  const auto& rules = s.spec().failover.failBack;
  if (!rules.enabled && !s.group.status.failBack) return {};
  const Member* best = nullptr;
  for (const auto& m : s.members)
    if (preference(s, m) > preference(s, best ? *best : primary)) best = &m;
  if (!best || !best->ready || !best->readySince) return {};
  if (choiceFor(s, best->name).pod.empty()) return lookAgain(s);
  if (const auto until = unsteady(s, best->name)) return {std::nullopt, until};
  // A change of roles shakes the members: it counts as the beginning of calm, too.
  Time calm = *best->readySince;
  if (const auto& last = s.group.status.lastRoleChange; last && last->completion)
    calm = std::max(calm, *last->completion);
  calm += std::chrono::seconds(rules.stableForSeconds);
  if (s.now < calm) return {std::nullopt, calm};
  NewRequest r =
      request(s, api::kFailbackTrigger,
              best->name + " is preferred and has been ready for " + std::to_string(rules.stableForSeconds) + " s");
  r.spec.candidate = best->name;
  return attempt(s, std::move(r));
}

}  // namespace

Move plannedMove(const Snapshot& s) {
  const Member* primary = s.member(holder(s));
  if (!primary || !allowed(s, *primary)) return {};
  const std::string why = whyDrained(*primary);
  if (why.empty()) return homeward(s, *primary);
  if (choiceFor(s, "").pod.empty()) return lookAgain(s);
  return attempt(s, request(s, api::kDrainTrigger, why));
}

void home(const Snapshot& s, const api::SwitchoverRequest& r, const api::SwitchoverStatus& end, api::HaGroupStatus& g) {
  if (r.trigger == api::kFailoverTrigger || r.trigger == api::kDrainTrigger) return;
  g.failBack = r.spec.failBack;
  if (r.trigger == api::kFailbackTrigger) return;
  const auto zoneOf = [&](const std::string& pod) {
    const Member* m = s.pod(pod);
    return m ? m->zone : "";
  };
  const std::string zone = zoneOf(r.spec.failBack ? end.from : end.to);
  if (!zone.empty()) g.originalZone = zone;
}

}  // namespace baton::ha
