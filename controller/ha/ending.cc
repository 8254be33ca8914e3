// The transitions: each named function makes one, and says what is stored with it.
#include <algorithm>

#include "ha/failure.h"
#include "ha/turn.h"

namespace baton::ha {
namespace {

using api::HookKind;
using api::Phase;
using api::Reason;
using api::StepState;

void condition(Turn& t, const char* type, bool status, std::string_view reason, const std::string& message) {
  api::setCondition(t.st.conditions, {Interned(type), Interned(status ? "True" : "False"),
                                      Interned(std::string(reason)), message, t.s.now, t.r.meta.generation});
}

void end(Turn& t, Phase phase, Reason reason, const std::string& message) {
  advance(t.st, phase, t.s.now);
  t.st.reason = reason;
  t.st.message = message;
  t.st.completion = t.s.now;
}

/// The present step has failed, and says why.
void failStep(Turn& t, const std::string& message) {
  if (!api::started(t.st.phase)) return;
  api::Step& step = t.st.step(t.st.phase);
  step.state = StepState::Failed;
  step.message = message;
}

std::optional<int64_t> unavailable(const api::SwitchoverStatus& st) {
  const api::Step* demoting = st.findStep(Phase::Demoting);
  const api::Step* promoting = st.findStep(Phase::Promoting);
  if (!demoting || !promoting || !promoting->end || !demoting->start || !demoting->end) return std::nullopt;
  // A demote hook takes the role away as it runs, the label alone when it has been written.
  const Time lost = demoting->attempts > 0 ? *demoting->start : *demoting->end;
  return std::max<int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(*promoting->end - lost).count());
}

/// The group's status at the end of a request.
Decision storeEnd(Turn& t) {
  // A failure may take the grant back. The request goes first, as it can't be told any more what failed from a group
  // that has landed alone; settle() takes it up from there.
  if (t.st.phase == Phase::Failed && shows(t.s.group.status, t.r)) return t.store();
  api::HaGroupStatus g = summarize(t.s);
  recordOutcome(t.s, t.r, t.st, g);
  return t.storeWith(std::move(g));
}

bool touched(const Turn& t) { return t.st.phase >= Phase::Demoting && api::started(t.st.phase); }

/// Has the old primary the role, or had it until the grant of this very request landed without the request's own part?
bool hadRole(const Turn& t) {
  const auto& g = t.s.group.status;
  const bool half = shows(g, t.r) && g.epoch > t.st.epoch && g.primary == t.st.to;
  return (g.primary == t.st.from || half) && t.s.member(t.st.from);
}

/// Groups with hooks take seconds: activeRequest and phase Switching are shown from the start.
bool showEarly(const Turn& t) {
  for (const HookKind k : api::kHookKinds)
    if (t.hook(k)) return true;
  return false;
}

Decision becomeRollingBack(Turn& t, Reason reason, const std::string& message) {
  failStep(t, message);
  advance(t.st, Phase::RollingBack, t.s.now);
  t.st.reason = reason;
  t.st.message = message;
  api::HaGroupStatus g = t.s.group.status;
  // A new grant, so that nothing of the epoch that was about to begin can be taken for newer than the rollback.
  const Member* from = t.from();
  // After a crash between the two writes the group may have it already.
  const bool granted = g.epoch > t.st.epoch && g.primary == t.st.from && shows(g, t.r);
  // The request knows of a later epoch than a cache that is late.
  t.st.epoch = granted ? g.epoch : std::max(highestEpoch(t.s), t.st.epoch) + 1;
  if (granted) return t.store();
  grant(t.s, g, *from, t.st.epoch);
  show(g, t.r);
  g.phase = api::GroupPhase::Switching;
  return t.storeWith(std::move(g));
}

}  // namespace

Decision becomeRejected(Turn& t, Reason reason, const std::string& message) {
  if (!t.st.start) t.st.start = t.s.now;
  failStep(t, message);
  const bool shown = shows(t.s.group.status, t.r);
  end(t, Phase::Rejected, reason, message);
  condition(t, "Accepted", false, name(reason), message);
  condition(t, "Failed", true, name(reason), message);
  return shown ? storeEnd(t) : t.store();
}

Decision becomeCancelledUntouched(Turn& t) {
  end(t, Phase::Cancelled, Reason::CancelledByUser, "cancelled before anything was touched.");
  condition(t, "Failed", true, name(Reason::CancelledByUser), t.st.message);
  return t.store();
}

Decision becomeDryRunDone(Turn& t, const Choice& choice) {
  if (!t.st.start) t.st.start = t.s.now;
  const std::string plan = "dry run: the role would go from " + (t.st.from.empty() ? "nobody" : t.st.from) + " to " +
                           choice.pod + "; nothing was changed.";
  end(t, Phase::Succeeded, Reason::None, plan);
  condition(t, "Accepted", true, "DryRun", plan);
  condition(t, "Complete", true, "DryRun", plan);
  return t.store();
}

Decision becomeValidating(Turn& t) {
  advance(t.st, Phase::Validating, t.s.now);
  t.st.start = t.s.now;
  t.st.message = "asking the members for their positions.";
  return t.store();
}

Decision becomeAccepted(Turn& t, const Choice& choice) {
  if (!t.st.start) t.st.start = t.s.now;
  condition(t, "Accepted", true, "Valid", "");
  if (t.st.phase != Phase::Validating) passThrough(t.st, Phase::Validating, StepState::Done, "", t.s.now);
  if (t.st.from.empty()) {
    t.st.epoch = t.s.group.status.epoch;
    return becomePromoting(t);
  }
  advance(t.st, Phase::Demoting, t.s.now);
  t.st.epoch = t.s.group.status.epoch;  // the one that ends
  t.st.message = "from " + t.st.from + " to " + choice.pod + ".";
  if (!showEarly(t)) return t.store();
  api::HaGroupStatus g = t.s.group.status;
  show(g, t.r);
  g.phase = api::GroupPhase::Switching;
  return t.storeWith(std::move(g));
}

Decision becomeCatchingUp(Turn& t) {
  advance(t.st, Phase::CatchingUp, t.s.now);
  return t.store();
}

Decision becomeFencing(Turn& t) {
  advance(t.st, Phase::Fencing, t.s.now);
  return t.store();
}

Decision becomePromoting(Turn& t) {
  const Member* to = t.to();
  const bool leaving = to && to->terminating && t.planned();
  if (!to || to->finished || leaving) {
    const std::string why = "the candidate " + t.st.to + (leaving ? " is being deleted." : " is gone.");
    if (touched(t) && t.from()) return giveUp(t, Reason::PodGone, why);
    return touched(t) ? becomeFailed(t, Reason::PodGone, why) : becomeRejected(t, Reason::PodGone, why);
  }
  advance(t.st, Phase::Promoting, t.s.now);
  t.st.pointOfNoReturn = t.s.now;
  t.st.message = "the role goes to " + t.st.to + ".";
  api::HaGroupStatus g = t.s.group.status;
  // After a crash between the two writes the group may have the grant already; it is this one only if it names `to`.
  const bool granted = g.epoch > t.st.epoch && g.primary == t.st.to && shows(g, t.r);
  t.st.epoch = granted ? g.epoch : std::max(highestEpoch(t.s), t.st.epoch) + 1;
  // From nobody: the request alone first. A grant that landed without it would make the request's own candidate the
  // primary that it finds, and refuse it; or hide that a former primary did not have the role. promoting() stores the
  // grant next.
  if (granted || t.st.from.empty() || !hadRole(t)) return t.store();
  grant(t.s, g, *to, t.st.epoch);
  show(g, t.r);
  g.phase = api::GroupPhase::Switching;
  return t.storeWith(std::move(g));
}

Decision becomeRouting(Turn& t) {
  advance(t.st, Phase::Routing, t.s.now);
  t.st.message = t.st.to + " has the role; members follow and traffic is routed.";
  return t.store();
}

Decision becomeVerifying(Turn& t) {
  advance(t.st, Phase::Verifying, t.s.now);
  return t.store();
}

Decision becomeSucceeded(Turn& t) {
  if (t.st.phase != Phase::Verifying)
    passThrough(t.st, Phase::Verifying, StepState::Done, "label and readiness show " + t.st.to, t.s.now);
  end(t, Phase::Succeeded, Reason::None, "primary is " + t.st.to + ".");
  t.st.unavailableMilliseconds = unavailable(t.st);
  condition(t, "Complete", true, "Succeeded", t.st.message);
  condition(t, "RoleVerified", true, "Verified",
            "one primary, " + t.st.to + ", at epoch " + std::to_string(t.st.epoch) + ".");
  return storeEnd(t);
}

Decision becomeFailed(Turn& t, Reason reason, const std::string& message) {
  failStep(t, message);
  end(t, Phase::Failed, reason, message);
  condition(t, "Failed", true, name(reason), message);
  return storeEnd(t);
}

Decision giveUp(Turn& t, Reason reason, const std::string& message) {
  t.d = {};
  if (gone(t.from()))
    return becomeFailed(t, reason,
                        message + " The old primary " + t.st.from + " is gone, so there is nothing to roll back to.");
  if (!hadRole(t))
    return becomeFailed(t, reason, message + " " + t.st.from + " did not have the role any more; nobody has it.");
  if (t.st.phase == Phase::Fencing && t.from()->terminating)
    return becomeFailed(t, reason,
                        message + " The old primary " + t.st.from + " is being deleted, so nobody has the role.");
  if (t.automatic()) return becomeFailed(t, reason, message + " A primary that has failed gets nothing back.");
  if (silent(t.s, *t.from())) {
    const bool has = t.from()->label == Label::Primary;
    return becomeFailed(t, reason,
                        message + " " + t.st.from + " does not answer any more" +
                            (has ? ", and has its label still." : ", so nobody has the role."));
  }
  const bool hold = t.r.spec.onFailure == api::OnFailure::Hold && reason != Reason::CancelledByUser;
  if (hold) return becomeFailed(t, reason, message + " onFailure is Hold: the group is left for a person.");
  return becomeRollingBack(t, reason, message);
}

Reason whyBack(const Turn& t) { return t.st.reason == Reason::None ? Reason::HookFailed : t.st.reason; }

Decision becomeDoubted(Turn& t) {
  condition(t, "RoleVerified", false, name(Reason::SplitBrain),
            t.st.from + " says that it is primary again, after it had been demoted and had said so.");
  return t.store();
}

bool doubted(const Turn& t) {
  const api::Condition* c = api::findCondition(t.st.conditions, "RoleVerified");
  return c && c->status == "False";
}

Decision failDoubted(Turn& t) {
  const std::string why = api::findCondition(t.st.conditions, "RoleVerified")->message;
  return becomeFailed(t, Reason::SplitBrain,
                      why + " It was told otherwise, but what it has acknowledged meanwhile may be lost.");
}

Decision becomeRolledBack(Turn& t) {
  const Reason reason = whyBack(t);
  const bool byUser = reason == Reason::CancelledByUser;
  const std::string message = t.st.message + " " + t.st.from + " has the role again.";
  end(t, byUser ? Phase::Cancelled : Phase::RolledBack, reason, message);
  condition(t, "Failed", true, name(reason), message);
  return storeEnd(t);
}

}  // namespace baton::ha
