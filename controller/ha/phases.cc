// The phases of a request that has begun. Each function looks what of its phase is done, starts what is missing, and
// makes the next transition when all is done. After a crash the same function runs again: every effect allows that.
#include <algorithm>

#include "ha/turn.h"

namespace baton::ha {
namespace {

using api::HookKind;
using api::Phase;
using api::Reason;
using Kind = EffectId::Kind;

/// Forced is asked for because somebody may not answer any more: so long a hook is waited for that decides nothing.
constexpr int kForcedSeconds = 5;

/// One try, and not for long.
void hurry(const Turn& t, Effect& e) {
  e.tries = 1;
  if (const auto* hook = t.hook(e.id.hook)) e.timeoutSeconds = std::min(hook->timeoutSeconds, kForcedSeconds);
}

/// Forced, and the old primary did not do as it was told. It may answer nothing at all; it may also still be writing,
/// so that it is told to follow all the same.
bool unwilling(const Turn& t, const Member& m) {
  const api::Step* demoting = t.st.findStep(Phase::Demoting);
  return !t.planned() && m.name == t.st.from && demoting && demoting->state == api::StepState::Failed;
}

Decision validating(Turn& t) {
  bool all = true;
  for (const auto& m : t.s.members)
    // Forced waits neither for a primary that is not ready nor for further tries: it is asked for because of that.
    if (m.ready || (t.planned() && m.name == holder(t.s))) {
      Effect e = t.call(HookKind::Probe, m.name, t.s.group.status.epoch, false);
      if (!t.planned()) hurry(t, e);
      all = t.ensure(e) && all;
    }
  if (!all) return t.d;
  if (const Refusal f = refusal(t.s, t.r)) return becomeRejected(t, f.reason, f.message);
  return judge(t, reports(t.s.progress));
}

/// Is it certain that the old primary has given up the role?
bool surelyDemoted(const Turn& t) {
  if (gone(t.from())) return true;
  const bool fencingWanted = !t.s.spec().failover.fencing.steps.empty() || t.s.spec().failover.fencing.required;
  if (!t.hook(HookKind::Demote)) return !fencingWanted;
  const api::Step* s = t.st.findStep(Phase::Demoting);
  return s && s->state != api::StepState::Failed;
}

Decision afterDemoting(Turn& t) {
  if (t.planned() || surelyDemoted(t)) {
    // Who is not ready can't be asked for its last position; Forced does not wait for it.
    const bool asked = !gone(t.from()) && (t.planned() || t.from()->ready);
    if (t.hook(HookKind::Probe) && asked) return becomeCatchingUp(t);
    passThrough(t.st, Phase::CatchingUp, api::StepState::Skipped,
                asked ? "there is no probe hook, so nothing to wait for"
                      : "the old primary can't say its position, so nothing to wait for",
                t.s.now);
    return becomePromoting(t);
  }
  if (t.s.spec().failover.fencing.steps.empty() && !t.s.spec().failover.fencing.required) return becomePromoting(t);
  return becomeFencing(t);
}

Decision demoting(Turn& t) {
  const Member* from = t.from();
  if (gone(from)) {
    const bool blind = t.hook(HookKind::Demote) || t.hook(HookKind::Probe);
    if (t.planned() && blind)
      return becomeFailed(
          t, Reason::PodGone,
          "the old primary " + t.st.from + " is gone, and with it the position that a successor must reach.");
    return afterDemoting(t);
  }
  if (t.hook(HookKind::Demote)) {
    Effect e = t.call(HookKind::Demote, t.st.from, t.st.epoch, false);
    if (!t.planned()) e.tries = 1;
    const EffectResult* r = t.ensure(e);
    if (!r) return t.d;
    t.note(*r, "demote on " + t.st.from);
    if (r->failed() && t.planned())
      return giveUp(t, r->podGone ? Reason::PodGone : Reason::HookFailed,
                    "demote on " + t.st.from + " failed: " + r->message + ".");
    if (r->failed()) t.st.step(Phase::Demoting).state = api::StepState::Failed;
  }
  if (!labelled(t, *from, Label::Standby, t.st.epoch) || !othersAreStandby(t, "")) return t.d;
  return afterDemoting(t);
}

/// Did the members tell positions when the candidate was chosen? Then the last one must be told, too.
bool positionsKnown(const Turn& t) {
  return std::any_of(t.st.candidates.begin(), t.st.candidates.end(), [](const auto& c) { return c.position; });
}

/// What the demoted primary says, as soon as it counts: that it is primary no longer, and where it stopped. Asked until
/// it says that, or can't be asked. Forced takes what it gets.
const EffectResult* lastWord(Turn& t) {
  return repeat(t, t.call(HookKind::Probe, t.st.from, t.st.epoch, false), [&](const EffectResult& r) {
    return !t.planned() || !r.report || (!r.report->primary && (r.report->position || !positionsKnown(t)));
  });
}

/// The newest answer of that pod in this phase; nullptr when there is none.
const EffectResult* newestAnswer(const Turn& t, const std::string& pod) {
  const EffectResult* last = nullptr;
  for (const auto& [id, r] : t.s.progress.effects)
    if (id.pod == pod && r.report && (!last || r.end >= last->end)) last = &r;
  return last;
}

/// Why there is no position to reach, for a person.
std::string noLastWord(const Turn& t) {
  const EffectResult* last = newestAnswer(t, t.st.from);
  if (!last) return t.st.from + " did not tell its last position";
  return t.st.from + (last->report->primary ? " still said that it is primary" : " told no position any more");
}

Decision catchUpTimedOut(Turn& t) {
  const auto target = t.st.targetPosition;
  std::string why = (target ? t.st.to + " did not reach position " + std::to_string(*target) + " within "
                            : noLastWord(t) + " after ") +
                    std::to_string(t.s.spec().switchover.catchUpTimeoutSeconds) + " s";
  const EffectResult* last = newestAnswer(t, t.st.to);
  if (target && last && last->report->position) why += ", it is at " + std::to_string(*last->report->position);
  if (t.planned()) return giveUp(t, Reason::CatchUpTimedOut, why + ".");
  passThrough(t.st, Phase::CatchingUp, api::StepState::Failed, why, t.s.now);
  return becomePromoting(t);
}

Decision catchingUp(Turn& t) {
  if (gone(t.to())) return giveUp(t, Reason::PodGone, "the candidate " + t.st.to + " is gone.");
  if (t.planned() && t.to()->terminating)
    return giveUp(t, Reason::PodGone, "the candidate " + t.st.to + " is being deleted.");
  const Time limit = t.st.step(Phase::CatchingUp).start.value_or(t.s.now) +
                     std::chrono::seconds(t.s.spec().switchover.catchUpTimeoutSeconds);
  t.d.wake(limit);
  if (!t.st.targetPosition) {
    if (gone(t.from())) {
      if (t.planned())
        return becomeFailed(t, Reason::PodGone,
                            "the old primary " + t.st.from + " is gone before its last position was read.");
      return becomePromoting(t);
    }
    const EffectResult* r = lastWord(t);
    if (r && r->failed()) {
      if (t.planned())
        return giveUp(t, Reason::HookFailed,
                      "the position of the demoted " + t.st.from + " can't be read: " + r->message + ".");
      return becomePromoting(t);
    }
    if (r && r->report && !r->report->position) {
      passThrough(t.st, Phase::CatchingUp, api::StepState::Done, "the probe tells no position, so nothing to wait for",
                  t.s.now);
      return becomePromoting(t);
    }
    if (r && r->report) t.st.targetPosition = r->report->position;
    if (!r && t.s.now >= limit) return catchUpTimedOut(t);
  }
  // The candidate is asked at the same time; an answer that is high enough counts whenever it was given.
  const EffectResult* reached =
      repeat(t, t.call(HookKind::Probe, t.st.to, t.st.epoch, false), [&](const EffectResult& r) {
        return t.st.targetPosition && r.done() && r.report && r.report->position &&
               *r.report->position >= *t.st.targetPosition;
      });
  if (reached) {
    api::Step& step = t.st.step(Phase::CatchingUp);
    step.attempts = static_cast<int>(std::count_if(t.s.progress.effects.begin(), t.s.progress.effects.end(),
                                                   [&](const auto& e) { return e.first.pod == t.st.to; }));
    step.message = t.st.to + " has position " + std::to_string(*reached->report->position) + ", " + t.st.from +
                   " stopped at " + std::to_string(*t.st.targetPosition);
    return becomePromoting(t);
  }
  if (t.s.now >= limit) return catchUpTimedOut(t);
  return t.d;
}

/// One after another, each with its own limit; the first that proves the old primary harmless ends the phase.
Decision fencing(Turn& t) {
  const auto& f = t.s.spec().failover.fencing;
  std::string tried;
  for (size_t i = 0; i < f.steps.size() && !gone(t.from()); ++i) {
    Effect e = f.steps[i].type == api::FenceStep::FenceHook
                   ? t.call(HookKind::Fence, t.st.from, t.st.epoch, false, static_cast<int>(i))
                   : t.effect(Kind::DeletePod, t.st.from, t.st.epoch, false);
    e.tries = 1;
    e.timeoutSeconds = f.steps[i].timeoutSeconds;
    const EffectResult* r = t.ensure(e);
    if (!r) return t.d;
    if (r->done()) {
      t.note(*r, "fenced " + t.st.from);
      return becomePromoting(t);
    }
    tried += (tried.empty() ? "" : "; ") + r->message;
  }
  if (gone(t.from())) return becomePromoting(t);
  if (f.required)
    return giveUp(t, Reason::FencingFailed,
                  "no step proved that " + t.st.from +
                      " can't write any more: " + (tried.empty() ? "there are no fencing steps" : tried) + ".");
  passThrough(t.st, Phase::Fencing, api::StepState::Failed, tried, t.s.now);
  return becomePromoting(t);
}

bool routes(const Turn& t) { return t.s.routed || t.hook(HookKind::Follow) || t.hook(HookKind::Disconnect); }

Decision afterRouting(Turn& t) {
  if (t.hook(HookKind::Probe)) return becomeVerifying(t);
  const Member* to = t.to();
  // Somebody may have changed a label since the promotion; Verifying puts it right.
  const bool shown = to->label == Label::Primary && to->labelEpoch == t.st.epoch;
  if (to->ready && shown && labelledPrimaries(t.s).size() == 1) return becomeSucceeded(t);
  return t.st.phase == Phase::Verifying ? t.d : becomeVerifying(t);
}

Decision promoting(Turn& t) {
  const Member* to = t.to();
  if (gone(to)) return becomeFailed(t, Reason::PodGone, "the candidate " + t.st.to + " is gone.");
  auto g = t.s.group.status;  // both writes of the transition must have happened before the first effect
  if (g.epoch < t.st.epoch || g.primary != t.st.to) {
    grant(t.s, g, *to, t.st.epoch);
    g.activeRequest = t.r.meta.name;
    g.phase = api::GroupPhase::Switching;
    t.d.group = g;
    return t.d;
  }
  if (!othersAreStandby(t, t.st.to)) return t.d;
  if (t.hook(HookKind::Promote)) {
    const EffectResult* r = t.ensure(t.call(HookKind::Promote, t.st.to, t.st.epoch, true));
    if (!r) return t.d;
    t.note(*r, "promote on " + t.st.to);
    if (r->failed())
      return becomeFailed(t, r->podGone ? Reason::PodGone : Reason::HookFailed,
                          "promote on " + t.st.to + " failed: " + r->message + ".");
  }
  if (!labelled(t, *to, Label::Primary, t.st.epoch)) return t.d;
  if (routes(t)) return becomeRouting(t);
  passThrough(t.st, Phase::Routing, api::StepState::Skipped, "no Service selects the role label", t.s.now);
  return afterRouting(t);
}

/// Follow hooks of all the others, at the same time. One that fails degrades its member, not the switchover: it is
/// tried again when the request has ended.
bool followed(Turn& t, std::string& complaints) {
  if (!t.hook(HookKind::Follow)) return true;
  bool all = true;
  for (const auto& m : t.s.members) {
    if (m.name == t.st.to || !m.ready || m.terminating) continue;
    Effect e = t.call(HookKind::Follow, m.name, t.st.epoch, false);
    if (unwilling(t, m)) hurry(t, e);
    const EffectResult* r = t.ensure(e);
    if (!r) {
      all = false;
    } else if (r->failed()) {
      complaints += "follow on " + m.name + " failed: " + r->message + "; ";
    } else if (m.labelEpoch != t.st.epoch) {
      all = t.ensure(t.effect(Kind::MarkFollowed, m.name, t.st.epoch, false)) && all;
    }
  }
  return all;
}

Decision routing(Turn& t) {
  if (gone(t.to())) return becomeFailed(t, Reason::PodGone, "the new primary " + t.st.to + " is gone.");
  std::string complaints;
  bool all = followed(t, complaints);
  const bool traffic = !t.s.routed || repeat(t, t.effect(Kind::CheckRouting, t.st.to, t.st.epoch, true),
                                             [](const EffectResult& r) { return r.done(); });
  if (!traffic) return t.d;
  const Member* from = t.from();
  if (t.hook(HookKind::Disconnect) && from && from->ready && !unwilling(t, *from)) {
    // Only now: a client that comes back finds the new one.
    const EffectResult* r = t.ensure(t.call(HookKind::Disconnect, t.st.from, t.st.epoch, false));
    if (!r) return t.d;
    if (r->failed()) complaints += "disconnect on " + t.st.from + " failed: " + r->message + "; ";
  }
  if (!all) return t.d;
  t.st.step(Phase::Routing).message = complaints;
  return afterRouting(t);
}

/// Does this round of probes show one primary? Writes the reason into `why` when not.
bool onePrimary(const Turn& t, const Reports& answers, std::string& why) {
  const auto to = answers.find(t.st.to);
  if (to == answers.end()) return why = t.st.to + " does not answer its probe", false;
  if (!to->second.primary) return why = t.st.to + " says that it is not primary", false;
  for (const auto& [pod, r] : answers)
    if (r.primary && pod != t.st.to) return why = pod + " says that it is primary too", false;
  const Member* from = t.from();
  if (t.planned() && from && from->ready && !answers.count(t.st.from))
    return why = t.st.from + " does not answer its probe", false;
  return true;
}

Decision verifying(Turn& t) {
  const Member* to = t.to();
  if (gone(to)) return becomeFailed(t, Reason::PodGone, "the new primary " + t.st.to + " is gone.");
  if (!othersAreStandby(t, t.st.to) || !labelled(t, *to, Label::Primary, t.st.epoch)) return t.d;
  if (!t.hook(HookKind::Probe)) return afterRouting(t);
  for (int round = 0;; ++round) {
    Reports answers;
    bool ended = true;
    Time last{};
    const EffectId next = t.call(HookKind::Probe, t.st.to, t.st.epoch, true, round + 1).id;
    if (t.s.progress.find(next)) continue;  // what was said before does not count any more
    for (const auto& m : t.s.members) {
      const bool old = m.name == t.st.from;  // asked whether ready or not: it may be primary still
      if (m.finished || (!m.ready && m.name != t.st.to && !old)) continue;
      Effect e = t.call(HookKind::Probe, m.name, t.st.epoch, m.name == t.st.to, round);
      if (old && (!m.ready || unwilling(t, m))) hurry(t, e);
      const EffectResult* r = t.ensure(e);
      if (r)
        last = std::max(last, r->end);
      else
        ended = false;
      if (r && r->report) answers[m.name] = *r->report;
    }
    if (!ended) return t.d;
    std::string& why = t.st.step(Phase::Verifying).message;
    if (onePrimary(t, answers, why)) {
      why = t.st.to + " is the one primary at epoch " + std::to_string(t.st.epoch);
      t.st.step(Phase::Verifying).attempts = round + 1;
      return becomeSucceeded(t);
    }
    if (last <= t.s.now && t.s.now < last + pauseAfter(round)) return t.d.wake(last + pauseAfter(round)), t.d;
  }
}

/// What failed last in the present phase; empty when nothing has.
std::string lastComplaint(const Progress& p) {
  const EffectResult* last = nullptr;
  for (const auto& [id, r] : p.effects)
    if (r.failed() && (!last || r.end >= last->end)) last = &r;
  return last ? last->message : "";
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

}  // namespace

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
  const bool own = g.activeRequest == t.r.meta.name && (g.primary == t.st.to || g.primary == t.st.from);
  return g.epoch > t.st.epoch && !own;
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
    return giveUp(t, Reason::CancelledByUser, "cancelled in phase " + std::string(name(t.st.phase)) + ".");
  }
  Decision d;
  switch (t.st.phase) {
    case Phase::Validating:
      d = validating(t);
      break;
    case Phase::Demoting:
      d = demoting(t);
      break;
    case Phase::CatchingUp:
      d = catchingUp(t);
      break;
    case Phase::Fencing:
      d = fencing(t);
      break;
    case Phase::Promoting:
      d = promoting(t);
      break;
    case Phase::Routing:
      d = routing(t);
      break;
    case Phase::Verifying:
      d = verifying(t);
      break;
    default:
      return d;
  }
  const bool moved = !d.requests.empty();
  if (!moved && t.s.now >= t.deadline()) {
    t.d = {};
    return timedOut(t);
  }
  d.wake(t.deadline());
  return d;
}

}  // namespace baton::ha
