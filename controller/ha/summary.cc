// The group's status: what follows from the members, and what a request's end means for it.
#include <algorithm>
#include <utility>

#include "ha/failure.h"
#include "ha/governor.h"
#include "ha/turn.h"

namespace baton::ha {
namespace {

using api::GroupPhase;
using api::Phase;

constexpr size_t kHistory = 20;

std::string role(const Snapshot& s, const Member& m) {
  if (m.label == Label::Primary) return s.spec().primaryValue;
  return m.label == Label::Standby ? s.spec().standbyValue : "";
}

std::string memberReason(const Member& m) {
  if (m.finished) return "Ended";
  if (m.terminating) return "Terminating";
  if (!m.ready) return "NotReady";
  if (m.cordoned) return "NodeCordoned";
  return "";
}

/// What the members say now: to the present request, else to the detector.
Reports saidNow(const Snapshot& s) {
  Reports answers = observed(s);
  for (auto& [pod, report] : reports(s.progress)) answers[pod] = report;
  return answers;
}

void readMembers(const Snapshot& s, api::HaGroupStatus& g) {
  const Reports answers = saidNow(s);
  std::vector<api::MemberStatus> members;
  size_t ready = 0;
  for (const auto& m : s.members) {
    api::MemberStatus now{
        m.name, Interned(role(s, m)), Interned(m.zone), Interned(memberReason(m)), m.ready, priority(m), {}, {}, {}};
    for (const auto& before : g.members)
      if (before.pod == m.name) {
        now.position = before.position;
        now.lag = before.lag;
        now.lastProbe = before.lastProbe;
      }
    if (const auto a = answers.find(m.name); a != answers.end()) {
      now.position = a->second.position;
      now.lastProbe = s.now;
      const auto p = answers.find(g.primary);
      now.lag = p != answers.end() && p->second.position && now.position
                    ? std::optional<int64_t>(std::max<int64_t>(0, *p->second.position - *now.position))
                    : std::nullopt;
    }
    if (m.ready) ++ready;
    members.push_back(std::move(now));
  }
  g.members = std::move(members);
  g.readyMembers = std::to_string(ready) + "/" + std::to_string(s.members.size());
}

bool hasReadyPrimary(const Snapshot& s, const api::HaGroupStatus& g) {
  const Member* p = s.member(g.primary);
  return p && p->ready && p->label == Label::Primary && (p->labelEpoch == g.epoch || p->labelEpoch < 0) &&
         (g.primaryUid.empty() || g.primaryUid == p->uid);
}

GroupPhase phaseOf(const Snapshot& s, const api::HaGroupStatus& g) {
  if (!g.activeRequest.empty()) return GroupPhase::Switching;
  if (!claimants(s).empty()) return GroupPhase::SplitBrain;
  if (s.spec().paused) return GroupPhase::Paused;
  if (g.epoch == 0 && g.primary.empty()) return GroupPhase::Initializing;
  if (const Failure f = failure(s, g); !hasReadyPrimary(s, g) || f || f.unknown) return GroupPhase::NoPrimary;
  const bool all = std::all_of(s.members.begin(), s.members.end(), [](const Member& m) { return m.ready; });
  return all ? GroupPhase::Healthy : GroupPhase::Degraded;
}

void condition(const Snapshot& s, api::HaGroupStatus& g, const char* type, bool status, const char* reason,
               const std::string& message) {
  api::setCondition(g.conditions,
                    {Interned(type), Interned(status ? "True" : "False"), Interned(reason), message, s.now, 0});
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& w : words) all += (all.empty() ? "" : ", ") + w;
  return all;
}

/// Shown from the first time it becomes true.
void conflictCondition(const Snapshot& s, api::HaGroupStatus& g) {
  const bool pods = !s.contested.empty(), names = !s.contestedNames.empty();
  if (!pods && !names && !findCondition(g.conditions, "Conflict")) return;
  std::string message;
  if (pods) message = "an older group has these pods: " + joined(s.contested) + "; they are not acted on for this one.";
  if (names)
    message += (pods ? " " : "") + ("an older group has these names of spec.apis: " + joined(s.contestedNames)) +
               "; calls that use them mean that one.";
  condition(s, g, "Conflict", pods || names,
            pods    ? "PodsOwnedByAnotherGroup"
            : names ? "NamesOwnedByAnotherGroup"
                    : "NoConflict",
            message);
}

void readConditions(const Snapshot& s, api::HaGroupStatus& g) {
  const Failure failed = failure(s, g);
  const bool available = hasReadyPrimary(s, g) && !failed && !failed.unknown;
  const auto labelled = claimants(s);
  // What was said stands until it is known.
  if (!failed.unknown)
    condition(s, g, "PrimaryAvailable", available,
              available           ? "PrimaryReady"
              : g.primary.empty() ? "NoPrimary"
              : failed            ? "PrimaryFailed"
                                  : "PrimaryNotReady",
              available           ? g.primary + " has the role."
              : g.primary.empty() ? "nobody has the role."
              : failed            ? g.primary + " has the role: " + failed.why + "."
                                  : g.primary + " has the role and is not ready, or has not its label yet.");
  const std::string error = s.spec().error;
  const bool ready = available && error.empty() && g.phase != GroupPhase::Switching && labelled.size() < 2;
  condition(s, g, "Ready", ready,
            !error.empty() ? "InvalidSpec"
            : ready        ? "Ready"
                           : std::string(name(g.phase)).c_str(),
            !error.empty() ? error : g.readyMembers + " members are ready.");
  // Shown from the first time it becomes true.
  if (labelled.size() > 1 || findCondition(g.conditions, "SplitBrain"))
    condition(s, g, "SplitBrain", labelled.size() > 1, labelled.size() > 1 ? "SeveralPrimaries" : "OnePrimary",
              labelled.empty() ? "one member at most takes itself for the primary."
                               : joined(labelled) + " carry the primary label, or say that they are primary.");
  conflictCondition(s, g);
}

/// Nobody has the role any more; `former` had it last.
void vacate(api::HaGroupStatus& g, std::string former, std::string uid) {
  g.formerPrimary = std::move(former);
  g.formerPrimaryUid = std::move(uid);
  g.primary.clear();
  g.primaryUid.clear();
}

/// What the group's grant is worth after this end: a promotion that did not come to its label gave the role to nobody.
void settleHolder(const Snapshot& s, const api::SwitchoverStatus& end, bool shown, api::HaGroupStatus& g) {
  if (end.phase != Phase::Failed || g.primary.empty()) return;
  // The grant had landed, and the request's own part of it had not: nobody was promoted.
  if (shown && g.epoch > end.epoch && g.primary == end.to) return vacate(g, end.from, "");
  const Member* p = s.member(g.primary);
  const bool has = p && p->label == Label::Primary && p->labelEpoch == g.epoch;
  // Another one's grant is not this one's to take back; nor is its own, when the group shows it no more: its success
  // was taken up there, and the request's own part of that may be under way still.
  const bool granted = shown || !end.pointOfNoReturn;
  const bool own = granted && g.epoch == end.epoch && (g.primary == end.to || g.primary == end.from);
  if (own && !has) vacate(g, g.primary, g.primaryUid);
}

/// Whether a failover is needed, and not made, after this end.
void tellBlocked(const Snapshot& s, const api::SwitchoverRequest& r, const api::SwitchoverStatus& end,
                 api::HaGroupStatus& g) {
  Snapshot after = s;
  after.group.status = g;
  for (auto& known : after.requests)
    if (known.meta.uid == r.meta.uid) known.status = end;
  const Failure failed = failure(after);
  const Verdict v = govern(after, failed);
  tell(after, v, g);
  if (failed && end.reason == api::Reason::FencingFailed && v.reason != "Held" && v.reason != "Paused")
    condition(s, g, "FailoverBlocked", true, "FencingFailed", end.message + kOverride);
}

}  // namespace

void grant(const Snapshot& s, api::HaGroupStatus& g, const Member& to, int64_t epoch) {
  if (const Member* before = s.pod(g.primary); g.originalZone.empty() && before) g.originalZone = before->zone;
  g.primary = to.name;
  g.primaryUid = to.uid;
  g.epoch = std::max(g.epoch, epoch);
  g.formerPrimary.clear();
  g.formerPrimaryUid.clear();
  if (g.originalZone.empty()) g.originalZone = to.zone;
  if (findCondition(g.conditions, "Held")) condition(s, g, "Held", false, "RoleGranted", "");
}

api::HaGroupStatus summarize(const Snapshot& s) {
  api::HaGroupStatus g = s.group.status;
  g.observedGeneration = s.group.meta.generation;
  if (const Member* p = s.member(g.primary); p && g.primaryUid.empty() && p->label == Label::Primary)
    g.primaryUid = p->uid;
  readMembers(s, g);
  g.phase = phaseOf(s, g);
  readConditions(s, g);
  return g;
}

void recordOutcome(const Snapshot& s, const api::SwitchoverRequest& r, const api::SwitchoverStatus& end,
                   api::HaGroupStatus& g) {
  const bool shown = shows(g, r);
  if (shown) showNone(g);
  settleHolder(s, end, shown, g);
  const bool held = end.phase == Phase::Failed && r.spec.onFailure == api::OnFailure::Hold && !end.pointOfNoReturn;
  if (held)
    condition(s, g, "Held", true, std::string(name(end.reason)).c_str(),
              "request " + r.meta.name + " failed and left the group for a person: " + end.message);
  if (end.phase == Phase::Succeeded) {
    home(s, r, end, g);
    api::RoleChange c{r.meta.name,    std::string(name(r.spec.mode)), r.trigger, end.from, end.to, end.start,
                      end.completion, end.unavailableMilliseconds};
    const bool known = g.lastRoleChange && g.lastRoleChange->request == c.request && g.lastRoleChange->start == c.start;
    if (!known) {
      g.history.insert(g.history.begin(), c);
      if (g.history.size() > kHistory) g.history.resize(kHistory);
      g.lastRoleChange = std::move(c);
    }
  }
  g.phase = phaseOf(s, g);
  readConditions(s, g);
  tellBlocked(s, r, end, g);
}

}  // namespace baton::ha
