// A request that has begun: overtaken, cancelled, too late, or else its phase's turn.
#include <algorithm>

#include "ha/phases.h"

namespace baton::ha {
namespace {

using api::Phase;
using api::Reason;

/// Forced is asked for because somebody may not answer any more: so long a hook is waited for that decides nothing.
constexpr int kForcedSeconds = 5;

/// Another grant has been made since: by a request that began at the same time, or by somebody's hand. What this one
/// would still do is not wanted any more.
bool overtaken(const Turn& t) {
  const auto& g = t.s.group.status;
  if (t.st.phase == Phase::Validating) return false;
  if (api::pastPointOfNoReturn(t.st.phase) || t.st.phase == Phase::RollingBack) {
    const std::string& granted = t.st.phase == Phase::RollingBack ? t.st.from : t.st.to;
    return g.epoch > t.st.epoch || (g.epoch == t.st.epoch && !g.primary.empty() && g.primary != granted);
  }
  // A grant of its own, of which the request's part was not stored, is not another one.
  const bool own = shows(g, t.r) && (g.primary == t.st.to || g.primary == t.st.from);
  return g.epoch > t.st.epoch && !own;
}

/// What failed last in the present phase; empty when nothing has.
std::string lastComplaint(const Progress& p) {
  const EffectResult* last = nullptr;
  for (const auto& [id, r] : p.effects)
    if (r.failed() && (!last || r.end >= last->end)) last = &r;
  return last ? last->message : "";
}

/// So long after the request's own time is a hook waited for that takes the role away.
constexpr std::chrono::seconds kLastTry{120};

/// What takes the role away is waited for before the way back is taken: else it and the promotion would change
/// the pod at the same time.
bool takingAway(Turn& t) {
  t.d = {};
  const Time limit = t.deadline() + kLastTry;
  if (t.s.now >= limit) return false;
  t.d.wake(limit);
  return std::any_of(t.s.progress.effects.begin(), t.s.progress.effects.end(), [](const auto& e) {
    const auto& [id, r] = e;
    return r.running() && takesAway(id);
  });
}

Decision timedOut(Turn& t) {
  const std::string why = "the role change took longer than timeoutSeconds (" +
                          std::to_string(t.r.spec.timeoutSeconds) + " s), in phase " + std::string(name(t.st.phase));
  if (t.st.phase == Phase::Validating) return becomeRejected(t, Reason::TimedOut, why + ".");
  std::string detail = t.st.phase == Phase::Verifying ? t.st.step(Phase::Verifying).message : "";
  if (detail.empty()) detail = lastComplaint(t.s.progress);
  const std::string message = why + (detail.empty() ? "" : ": " + detail) + ".";
  return api::pastPointOfNoReturn(t.st.phase) ? becomeFailed(t, Reason::TimedOut, message)
                                              : giveUp(t, Reason::TimedOut, message);
}

Decision turnOfPhase(Turn& t) {
  switch (t.st.phase) {
    case Phase::Validating:
      return validating(t);
    case Phase::Demoting:
      return demoting(t);
    case Phase::CatchingUp:
      return catchingUp(t);
    case Phase::Fencing:
      return fencing(t);
    case Phase::Promoting:
      return promoting(t);
    case Phase::Routing:
      return routing(t);
    case Phase::Verifying:
      return verifying(t);
    default:
      return {};
  }
}

}  // namespace

void hurry(const Turn& t, Effect& e) {
  e.tries = 1;
  int most = kForcedSeconds;
  const auto& detection = t.s.spec().detection;
  // Where the detector asks all the time, its limit is known to do.
  if (t.automatic() && t.s.spec().probed() && e.id.hook == api::HookKind::Probe)
    most = std::max(1, detection.timeoutSeconds);
  if (const auto* hook = t.hook(e.id.hook)) e.timeoutSeconds = std::min(hook->timeoutSeconds, most);
}

bool unwilling(const Turn& t, const Member& m) {
  const api::Step* demoting = t.st.findStep(Phase::Demoting);
  return !t.planned() && m.name == t.st.from && demoting && demoting->state == api::StepState::Failed;
}

Decision proceed(Turn& t) {
  if (epochOutOfRange(t.st.epoch) || epochOutOfRange(t.s.group.status.epoch)) {
    const std::string why = "an epoch is out of range; somebody else wrote this status.";
    return t.st.phase == Phase::Validating ? becomeRejected(t, Reason::InvalidSpec, why)
                                           : becomeFailed(t, Reason::InvalidSpec, why);
  }
  if (overtaken(t))
    return becomeFailed(t, Reason::UnexpectedPrimary,
                        "the role was granted to " + t.s.group.status.primary + " at epoch " +
                            std::to_string(t.s.group.status.epoch) + " in the meantime.");
  if (t.st.phase == Phase::RollingBack) return rollingBack(t);
  if (t.r.spec.cancel && !api::pastPointOfNoReturn(t.st.phase)) {
    if (t.st.phase == Phase::Validating) return becomeCancelledUntouched(t);
    if (takingAway(t)) return t.d;
    return giveUp(t, Reason::CancelledByUser, "cancelled in phase " + std::string(name(t.st.phase)) + ".");
  }
  const bool late = t.s.now >= t.deadline();
  if (late && !api::pastPointOfNoReturn(t.st.phase)) return takingAway(t) ? t.d : timedOut(t);
  Decision d = turnOfPhase(t);
  if (late && d.requests.empty()) {
    t.d = {};
    return timedOut(t);
  }
  d.wake(t.deadline());
  return d;
}

}  // namespace baton::ha
