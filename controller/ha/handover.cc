// Up to the point of no return: the old primary gives the role up, and its successor is made ready.
#include <algorithm>
#include <optional>

#include "ha/failure.h"
#include "ha/phases.h"

namespace baton::ha {
using api::HookKind;
using api::Phase;
using api::Reason;
using Kind = EffectId::Kind;

namespace {

/// Round of the probes that are asked when the old primary writes no more.
constexpr int kLastLook = 1'000'000;

/// Forced does not wait for a candidate that has come no nearer to the old primary's position for so long: whoever sent
/// it that data does so no more.
constexpr std::chrono::seconds kNoNearer{5};

}  // namespace

Decision validating(Turn& t) {
  bool all = true;
  for (const auto& m : t.s.members)
    // Forced waits neither for a primary that is not ready nor for further tries: it is asked for because of that. A
    // failover does not ask the primary that failed.
    if ((m.ready && !(t.automatic() && m.name == holder(t.s))) || (t.planned() && m.name == holder(t.s))) {
      Effect e = t.call(HookKind::Probe, m.name, t.s.group.status.epoch, false);
      if (!t.planned()) hurry(t, e);
      all = t.ensure(e) && all;
    }
  if (!all) return t.d;
  if (const Refusal f = refusal(t.s, t.r)) return becomeRejected(t, f.reason, f.message);
  if (t.automatic() && failure(t.s).unknown) return t.d;  // the detector will tell
  return judge(t, reports(t.s.progress));
}

namespace {

/// Forced, and nobody has named the candidate: positions are read once more, now that the old primary writes no more,
/// and who is foremost by then is promoted. Where that can't be had, the choice stands.
Decision promoteForemost(Turn& t) {
  if (t.planned() || !t.r.spec.candidate.empty() || !t.hook(HookKind::Probe)) return becomePromoting(t);
  bool all = true;
  Reports answers;
  for (const auto& m : t.s.members) {
    if (!m.ready || m.name == t.st.from) continue;
    Effect e = t.call(HookKind::Probe, m.name, t.st.epoch, false, kLastLook);
    hurry(t, e);
    const EffectResult* r = t.ensure(e);
    all = all && r;
    if (r && r->report) answers[m.name] = *r->report;
  }
  if (!all) return t.d;
  Choice c = choose(t.s, t.st.from, t.wish(), answers);
  if (c.pod.empty() || c.pod == t.st.to) return becomePromoting(t);
  // Stored before it is granted the role: a grant that lands alone must be known as this request's own.
  t.st.to = c.pod;
  t.st.candidates = toStatus(c.all);
  t.st.message = "from " + t.st.from + " to " + t.st.to + ", which is foremost by now.";
  return t.store();
}

/// Is it certain that the old primary has given up the role?
bool surelyDemoted(const Turn& t) {
  if (gone(t.from())) return true;
  const bool fencingWanted = !t.s.spec().failover.fencing.steps.empty() || t.s.spec().failover.fencing.required;
  if (!t.hook(HookKind::Demote)) return !fencingWanted;
  const api::Step* s = t.st.findStep(Phase::Demoting);
  return s && s->state != api::StepState::Failed;
}

/// With required fencing the old primary keeps its label until a step has succeeded: if none does, nothing was changed.
bool labelWaits(const Turn& t) { return t.automatic() && t.s.spec().failover.fencing.required && !surelyDemoted(t); }

Decision afterDemoting(Turn& t) {
  if (t.planned() || surelyDemoted(t)) {
    // Who is not ready can't be asked for its last position; Forced does not wait for it.
    const bool asked = !gone(t.from()) && (t.planned() || t.from()->ready);
    // The detector's word may be a moment old: no reason for Planned to go on without the last position.
    const bool mute = !t.planned() && asked && silent(t.s, *t.from());
    if (t.hook(HookKind::Probe) && asked && !mute) return becomeCatchingUp(t);
    passThrough(t.st, Phase::CatchingUp, api::StepState::Skipped,
                asked ? "there is no probe hook, so nothing to wait for"
                      : "the old primary can't say its position, so nothing to wait for",
                t.s.now);
    return promoteForemost(t);
  }
  if (t.s.spec().failover.fencing.steps.empty() && !t.s.spec().failover.fencing.required) return promoteForemost(t);
  return becomeFencing(t);
}

/// The detector's word may be older than the phase, and the pod be back: it counts when the pod was asked anew since.
bool stillSilent(Turn& t, const Member& m) {
  if (!silent(t.s, m)) return false;
  if (gone(&m) || m.nodeGone) return true;
  const auto& d = t.s.spec().detection;
  const Time known =
      t.st.step(t.st.phase).start.value_or(t.s.now) + std::chrono::seconds(d.periodSeconds + d.timeoutSeconds);
  if (t.s.now < known) t.d.wake(known);
  return t.s.now >= known;
}

/// A write of its primary label that nobody waits for any more may still be under way, on condition that the pod has
/// not changed: so who has no primary label is made a standby once more, with the epoch that ends.
bool stamped(Turn& t, const Member& from) {
  if (from.label == Label::Standby && from.labelEpoch == t.st.epoch) return true;
  repeat(t, t.markFollowed(from), [](const EffectResult&) { return false; });
  return false;
}

}  // namespace

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
  const bool mute = t.automatic() ? silent(t.s, *from) : stillSilent(t, *from);
  if (t.hook(HookKind::Demote) && !t.planned() && mute) {
    api::Step& step = t.st.step(Phase::Demoting);
    step.state = api::StepState::Failed;
    step.message = t.st.from + " does not answer, so demote was not called";
  } else if (t.hook(HookKind::Demote) && mute) {
    // Its hooks would take their whole time, and a failover waits for the end of this.
    return giveUp(t, Reason::HookFailed, "the old primary " + t.st.from + " fails: " + from->seen.why + ".");
  } else if (t.hook(HookKind::Demote)) {
    Effect e = t.call(HookKind::Demote, t.st.from, t.st.epoch, false);
    if (!t.planned()) e.tries = 1;
    if (t.automatic()) hurry(t, e);
    const EffectResult* r = t.ensure(e);
    if (!r) return t.d;
    t.note(*r, "demote on " + t.st.from);
    if (r->failed() && t.planned())
      return giveUp(t, r->podGone ? Reason::PodGone : Reason::HookFailed,
                    "demote on " + t.st.from + " failed: " + r->message + ".");
    if (r->failed()) t.st.step(Phase::Demoting).state = api::StepState::Failed;
  }
  if (labelWaits(t)) return afterDemoting(t);
  // A pod that left the group may have a role label of somebody else's by now.
  const bool marked = !t.s.member(from->name) && from->label != Label::Primary;
  const bool had = from->label == Label::Primary;
  if (!marked && !(had ? labelled(t, *from, Label::Standby, t.st.epoch) : stamped(t, *from))) return t.d;
  if (!othersAreStandby(t, "")) return t.d;
  return afterDemoting(t);
}

namespace {

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

Decision catchUpTimedOut(Turn& t, std::chrono::seconds after) {
  const auto target = t.st.targetPosition;
  std::string why = (target ? t.st.to + " did not reach position " + std::to_string(*target) + " within "
                            : noLastWord(t) + " after ") +
                    std::to_string(after.count()) + " s";
  const EffectResult* last = newestAnswer(t, t.st.to);
  if (target && last && last->report->position) why += ", it is at " + std::to_string(*last->report->position);
  if (target && last && !last->report->healthy) why += " and says that it is not healthy";
  if (t.planned()) return giveUp(t, Reason::CatchUpTimedOut, why + ".");
  passThrough(t.st, Phase::CatchingUp, api::StepState::Failed, why, t.s.now);
  return becomePromoting(t);
}

/// The position that the candidate must reach, asked of the demoted primary. A decision when none will ever be known;
/// nothing when it is known now, or asked for still.
std::optional<Decision> readTarget(Turn& t) {
  if (gone(t.from())) {
    if (!t.planned()) return promoteForemost(t);
    return becomeFailed(t, Reason::PodGone,
                        "the old primary " + t.st.from + " is gone before its last position was read.");
  }
  if (t.planned() && stillSilent(t, *t.from()))
    return giveUp(t, Reason::HookFailed, "the demoted " + t.st.from + " fails: " + t.from()->seen.why + ".");
  const EffectResult* r = lastWord(t);
  if (r && r->failed()) {
    if (!t.planned()) return promoteForemost(t);
    return giveUp(t, Reason::HookFailed,
                  "the position of the demoted " + t.st.from + " can't be read: " + r->message + ".");
  }
  if (!r || !r->report) return std::nullopt;
  t.st.targetPosition = r->report->position;
  if (t.st.targetPosition) return std::nullopt;
  passThrough(t.st, Phase::CatchingUp, api::StepState::Done, "the probe tells no position, so nothing to wait for",
              t.s.now);
  return becomePromoting(t);
}

/// When the candidate's position was last seen to rise in this phase; nothing while it has told none.
std::optional<Time> lastRise(const Turn& t) {
  std::optional<int64_t> highest;
  Time since{};
  for (const auto& [id, r] : t.s.progress.effects) {
    if (id.pod != t.st.to || !r.report || !r.report->position) continue;
    const int64_t position = *r.report->position;
    if (!highest || position > *highest || (position == *highest && r.end < since)) highest = position, since = r.end;
  }
  return highest ? std::optional(since) : std::nullopt;
}

/// Forced, and the candidate does not come nearer. Replication that has ended would hold up a failover to the limit.
bool standsStill(Turn& t) {
  const auto rise = t.planned() || !t.st.targetPosition ? std::nullopt : lastRise(t);
  if (!rise) return false;
  t.d.wake(*rise + kNoNearer);
  return t.s.now >= *rise + kNoNearer;
}

/// What the candidate says, as soon as it has all that it needs. It is asked while the target is; an answer that is
/// high enough counts whenever it was given. Who has come to say that it is not healthy may have a high position of
/// data that nobody else has.
const EffectResult* targetReached(Turn& t) {
  const auto& target = t.st.targetPosition;
  return repeat(t, t.call(HookKind::Probe, t.st.to, t.st.epoch, false), [&](const EffectResult& r) {
    return target && r.done() && r.report && (r.report->healthy || !t.planned()) && r.report->position &&
           *r.report->position >= *target;
  });
}

}  // namespace

Decision catchingUp(Turn& t) {
  if (gone(t.to())) return giveUp(t, Reason::PodGone, "the candidate " + t.st.to + " is gone.");
  if (t.planned() && t.to()->terminating)
    return giveUp(t, Reason::PodGone, "the candidate " + t.st.to + " is being deleted.");
  const std::chrono::seconds most(t.s.spec().switchover.catchUpTimeoutSeconds);
  const Time limit = t.st.step(Phase::CatchingUp).start.value_or(t.s.now) + most;
  t.d.wake(limit);
  if (!t.st.targetPosition) {
    if (auto decided = readTarget(t)) return std::move(*decided);
    if (!t.st.targetPosition && t.s.now >= limit) return catchUpTimedOut(t, most);
  }
  if (const EffectResult* reached = targetReached(t)) {
    api::Step& step = t.st.step(Phase::CatchingUp);
    step.attempts = static_cast<int>(std::count_if(t.s.progress.effects.begin(), t.s.progress.effects.end(),
                                                   [&](const auto& e) { return e.first.pod == t.st.to; }));
    step.message = t.st.to + " has position " + std::to_string(*reached->report->position) + ", " + t.st.from +
                   " stopped at " + std::to_string(*t.st.targetPosition);
    return becomePromoting(t);
  }
  if (t.s.now >= limit) return catchUpTimedOut(t, most);
  return standsStill(t) ? catchUpTimedOut(t, kNoNearer) : t.d;
}

namespace {

/// A person who has been told that fencing is not proven, and asks all the same.
bool overrides(const Turn& t) {
  const auto* c = api::findCondition(t.s.group.status.conditions, "FailoverBlocked");
  return t.r.trigger == "user" && c && c->status == "True" && c->reason.get() == name(Reason::FencingFailed);
}

/// A failover that could not fence has changed nothing, unless it has called demote: whether that was heard is not
/// known, but a primary that failed gets nothing back.
Decision unfenced(Turn& t, const std::string& why) {
  if (!t.automatic()) return giveUp(t, Reason::FencingFailed, why);
  t.d = {};
  return becomeFailed(t, Reason::FencingFailed, why + " Fencing is required, so the role stays where it is.");
}

}  // namespace

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
      return promoteForemost(t);
    }
    tried += (tried.empty() ? "" : "; ") + r->message;
  }
  if (gone(t.from())) return promoteForemost(t);
  const std::string unproven = "no step proved that " + t.st.from +
                               " can't write any more: " + (tried.empty() ? "there are no fencing steps" : tried) + ".";
  if (f.required && !overrides(t)) return unfenced(t, unproven);
  t.st.step(Phase::Fencing).message = unproven;
  t.st.step(Phase::Fencing).state = api::StepState::Failed;
  return promoteForemost(t);
}

}  // namespace baton::ha
