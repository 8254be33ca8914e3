#include "ha/candidates.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "ha/failure.h"
#include "ha/guards.h"

namespace baton::ha {
namespace {

using api::CrossZone;
using api::HookKind;
using api::Reason;

std::string zoneText(const std::string& z) { return z.empty() ? "without a zone" : "in zone " + z; }

/// Why the zone rules keep this member out; empty when they don't.
std::string zoneObstacle(const Snapshot& s, const Member& m, const Member* primary, const Wish& wish) {
  if (!wish.zone.empty() && m.zone != wish.zone) return "is " + zoneText(m.zone) + ", asked for was zone " + wish.zone;
  if (!primary) return "";
  const CrossZone rule = s.spec().candidatePolicy.crossZone;
  if (rule == CrossZone::Require && m.zone == primary->zone)
    return "is " + zoneText(m.zone) + " as the primary is, and crossZone is Require";
  if (rule == CrossZone::Forbid && m.zone != primary->zone)
    return "is " + zoneText(m.zone) + ", the primary " + zoneText(primary->zone) + ", and crossZone is Forbid";
  return "";
}

std::string obstacle(const Snapshot& s, const Member& m, const Member* primary, const Wish& wish) {
  if (m.terminating) return "is being deleted";
  if (m.finished) return "has ended";
  // Who had the role and was restarted may be ready only when it has it again: its promote hook will tell.
  if (!m.ready && !regains(s, m.name, wish)) return "is not ready";
  if (m.cordoned) return "is on a cordoned node";
  if (priority(m) == 0)
    return m.priorityLabel == "0" ? "has priority 0"
                                  : "has priority 0, as \"" + m.priorityLabel + "\" is not a number from 0 to 1000000";
  return zoneObstacle(s, m, primary, wish);
}

/// What a primary that is asked no more was last known to have: nobody was further.
std::optional<int64_t> lastKnown(const Snapshot& s, const std::string& primary) {
  std::optional<int64_t> best;
  for (const auto& m : s.group.status.members)
    if (m.pod == primary) best = m.position;
  const Member* m = s.member(primary);
  if (m && m->seen.last && m->seen.last->position) best = std::max(best, m->seen.last->position);
  return best;
}

/// What lag is counted from: the primary's position; without a primary, as in a new group, or when it has failed, the
/// best one that is known.
std::optional<int64_t> foremost(const Snapshot& s, const std::string& primary, const Wish& wish,
                                const Reports& reports) {
  std::optional<int64_t> best;
  if (!primary.empty()) {
    const auto theirs = reports.find(primary);
    if (theirs != reports.end()) best = theirs->second.position;
    if (!wish.automatic) return best;
    best = std::max(best, lastKnown(s, primary));
  }
  for (const auto& [pod, report] : reports) best = std::max(best, report.position);
  return best;
}

/// A position counts only among data of one origin: who has not followed the present primary may have what that one
/// never had, and lack what it has, however high its position is. Who was restarted since may follow nobody any more.
/// After a failure whoever has followed any primary may take the role; those who did so later go before it. So may a
/// new pod of the old primary's name, which may have its disk, and anyone when all pods are new, as after all were
/// deleted: then no label tells what is on their disks.
std::string originObstacle(const Snapshot& s, const Member& m, const Member* primary, const Wish& wish) {
  if (!s.spec().hook(HookKind::Follow)) return "";
  const auto followed = [](const Member& other) { return other.labelEpoch >= 0; };
  if (wish.automatic) {
    const auto& g = s.group.status;
    const bool renewed = m.name == (g.primary.empty() ? g.formerPrimary : g.primary);
    const bool comparable = std::any_of(s.members.begin(), s.members.end(), followed);
    return comparable && !followed(m) && !renewed ? "has never followed a primary" : "";
  }
  const int64_t epoch = s.group.status.epoch;
  if (!primary || m.knows(epoch)) return "";
  if (m.labelEpoch == epoch) return "was restarted and has not followed " + primary->name + " since";
  return "has not followed " + primary->name + " at epoch " + std::to_string(epoch) + " yet";
}

/// What its probe says against it; empty when nothing.
std::string probeObstacle(const Snapshot& s, const Standing& c, const std::string& primary, const Wish& wish,
                          const Reports& reports) {
  if (!s.spec().hook(HookKind::Probe)) return "";
  const auto r = reports.find(c.pod);
  // A position that nobody knows is no reason to leave the group without a primary. Where the detector asks all the
  // time, nobody's answer means that Baton itself is cut off.
  if (r == reports.end() && wish.automatic && !s.spec().probed() && reports.empty()) return "";
  if (r == reports.end()) return "did not answer its probe";
  if (!r->second.healthy) return "says that it is not healthy";
  const int64_t most = s.spec().candidatePolicy.maxLag;
  if (most < 0) return "";
  if (primary.empty() && !foremost(s, primary, wish, reports)) return "";  // nobody counts positions
  if (!c.lag) return "has an unknown lag, and maxLag is " + std::to_string(most);
  if (*c.lag > most) return "lags by " + std::to_string(*c.lag) + ", maxLag is " + std::to_string(most);
  return "";
}

void readPositions(const Snapshot& s, Standing& c, const std::string& primary, const Wish& wish,
                   const Reports& reports) {
  if (const auto mine = reports.find(c.pod); mine != reports.end()) c.position = mine->second.position;
  const auto first = foremost(s, primary, wish, reports);
  if (c.position && first) c.lag = std::max<int64_t>(0, *first - *c.position);
}

Standing standingOf(const Snapshot& s, const Member& m, const Member* primary, const Wish& wish,
                    const Reports& reports) {
  Standing c;
  c.pod = m.name;
  c.zone = m.zone;
  c.priority = priority(m);
  readPositions(s, c, primary ? primary->name : "", wish, reports);
  c.reason = obstacle(s, m, primary, wish);
  if (c.reason.empty()) {
    const std::string primaryName = primary ? primary->name : "";
    c.reason = originObstacle(s, m, primary, wish);
    if (c.reason.empty()) c.reason = probeObstacle(s, c, primaryName, wish, reports);
    c.laggard = !c.reason.empty();
    if (wish.forced && !wish.automatic) c.reason.clear();
  }
  c.eligible = c.reason.empty();
  if (c.eligible) c.reason = c.lag ? "eligible, lags by " + std::to_string(*c.lag) : "eligible";
  return c;
}

/// So often Baton's own attempts to promote it have failed since the last change of roles: another one may be able to.
int64_t failedPromotions(const Snapshot& s, const std::string& pod) {
  const auto& last = s.group.status.lastRoleChange;
  const Time since = std::min(last && last->completion ? *last->completion : Time{}, s.now);
  return std::count_if(s.requests.begin(), s.requests.end(), [&](const auto& r) {
    const auto& st = r.status;
    return r.trigger == api::kFailoverTrigger && st.phase == api::Phase::Failed && st.pointOfNoReturn && st.to == pod &&
           st.completion && *st.completion >= since;
  });
}

/// Planned: priority first. Forced: who followed last, and of those the highest position, as what it lacks is lost;
/// where that does not tell, who was not restarted since, as it may have begun anew with nothing.
bool better(const Standing& a, const Standing& b, const Snapshot& s, const Member* primary, bool forced) {
  const bool other = primary && s.spec().candidatePolicy.crossZone == CrossZone::Prefer;
  const auto follower = [&](const Standing& c) {
    return forced && s.spec().hook(HookKind::Follow) ? s.member(c.pod) : nullptr;
  };
  const auto followed = [&](const Standing& c) { return follower(c) ? follower(c)->labelEpoch : 0; };
  const auto restarted = [&](const Standing& c) { return follower(c) && follower(c)->restarted(); };
  const auto created = [&](const Standing& c) {
    const Member* m = s.member(c.pod);
    return m ? m->created : Time{};
  };
  const auto rank = [&](const Standing& c) {
    const int64_t tried = forced ? failedPromotions(s, c.pod) : 0;
    const bool known = c.position.has_value();
    const int64_t position = c.position.value_or(0);
    return std::make_tuple(!c.eligible, tried, forced ? !known : false, -followed(c), forced ? -position : 0,
                           restarted(c), other && c.zone == primary->zone, -c.priority, !known, -position, created(c),
                           c.pod);
  };
  return rank(a) < rank(b);
}

void explainNobody(const Snapshot& s, const Wish& wish, Choice& c) {
  const bool lagAlone = std::any_of(c.all.begin(), c.all.end(), [](const Standing& x) { return x.laggard; });
  c.reason = lagAlone ? Reason::UnhealthyReplication : Reason::NoCandidate;
  c.message =
      wish.zone.empty() ? "no member can take the role:" : "no member in zone " + wish.zone + " can take the role:";
  for (const auto& x : c.all) c.message += " " + x.pod + " " + x.reason + ";";
  if (c.all.empty()) c.message += " there is no other member;";
  c.message.back() = '.';
  if (!s.contested.empty()) c.message += " " + std::to_string(s.contested.size()) + " pod(s) belong to another group.";
}

void chooseNamed(const Snapshot& s, const std::string& primary, const Wish& wish, Choice& c) {
  const auto it = std::find_if(c.all.begin(), c.all.end(), [&](const Standing& x) { return x.pod == wish.candidate; });
  if (wish.candidate == primary) {
    const Failure failed = failure(s);
    c.reason = Reason::AlreadyPrimary;
    c.message = wish.candidate + " is the primary already.";
    if (failed) c.message += " It has failed (" + failed.why + "); mode Forced grants it the role anew.";
  } else if (it == c.all.end()) {
    c.reason = Reason::CandidateNotFound;
    const bool theirs = std::find(s.contested.begin(), s.contested.end(), wish.candidate) != s.contested.end();
    c.message = theirs ? wish.candidate + " belongs to another, older group."
                       : "the group has no member " + wish.candidate + ".";
  } else if (!it->eligible) {
    c.reason = it->laggard ? Reason::UnhealthyReplication : Reason::CandidateNotEligible;
    c.message = wish.candidate + " " + it->reason + ".";
  } else {
    c.pod = wish.candidate;
  }
}

}  // namespace

Reports reports(const Progress& p) {
  Reports r;
  for (const auto& [id, result] : p.effects)
    if (id.kind == EffectId::Kind::Hook && id.hook == HookKind::Probe && result.done() && result.report)
      r[id.pod] = *result.report;  // rounds are in order: the last answer counts
  return r;
}

int64_t priority(const Member& m) {
  if (m.priorityLabel.empty()) return 1;
  int64_t n = 0;
  const char* end = m.priorityLabel.data() + m.priorityLabel.size();
  const auto [p, ec] = std::from_chars(m.priorityLabel.data(), end, n);
  return ec == std::errc() && p == end && n >= 0 && n <= 1000000 ? n : 0;
}

bool regains(const Snapshot& s, const std::string& primary, const Wish& wish) {
  return wish.forced && !wish.automatic && !primary.empty() && wish.candidate == primary && holder(s) == primary &&
         failure(s);
}

Choice choose(const Snapshot& s, const std::string& name, const Wish& wish, const Reports& reports) {
  const std::string primaryName = regains(s, name, wish) ? "" : name;
  const Member* primary = s.member(primaryName);
  Choice c;
  for (const auto& m : s.members)
    if (m.name != primaryName) c.all.push_back(standingOf(s, m, primary, wish, reports));
  std::sort(c.all.begin(), c.all.end(),
            [&](const Standing& a, const Standing& b) { return better(a, b, s, primary, wish.forced); });
  if (!wish.candidate.empty())
    chooseNamed(s, primaryName, wish, c);
  else if (!c.all.empty() && c.all.front().eligible)
    c.pod = c.all.front().pod;
  else
    explainNobody(s, wish, c);
  return c;
}

std::vector<api::CandidateStatus> toStatus(const std::vector<Standing>& all) {
  std::vector<api::CandidateStatus> out;
  for (const auto& c : all) out.push_back({c.pod, c.reason, c.zone, c.eligible, c.priority, c.position, c.lag});
  return out;
}

}  // namespace baton::ha
