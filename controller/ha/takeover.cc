// After the point of no return: the candidate gets the role, members and traffic follow.
#include <algorithm>

#include "ha/failure.h"
#include "ha/phases.h"

namespace baton::ha {
using api::HookKind;
using api::Phase;
using api::Reason;
using Kind = EffectId::Kind;

namespace {

bool routes(const Turn& t) { return t.s.routed || t.hook(HookKind::Follow) || t.hook(HookKind::Disconnect); }

Decision afterRouting(Turn& t) {
  if (t.hook(HookKind::Probe)) return becomeVerifying(t);
  const Member* to = t.to();
  // Somebody may have changed a label since the promotion; Verifying puts it right.
  const bool shown = to->label == Label::Primary && to->labelEpoch == t.st.epoch;
  if (to->ready && shown && labelledPrimaries(t.s).size() == 1) return becomeSucceeded(t);
  return t.st.phase == Phase::Verifying ? t.d : becomeVerifying(t);
}

}  // namespace

Decision promoting(Turn& t) {
  const Member* to = t.to();
  if (gone(to)) return becomeFailed(t, Reason::PodGone, "the candidate " + t.st.to + " is gone.");
  auto g = t.s.group.status;  // both writes of the transition must have happened before the first effect
  if (g.epoch < t.st.epoch || g.primary != t.st.to) {
    grant(t.s, g, *to, t.st.epoch);
    show(g, t.r);
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

namespace {

/// Follow hooks of all the others, at the same time. One that fails degrades its member, not the switchover: it is
/// tried again when the request has ended.
bool followed(Turn& t, std::string& complaints) {
  if (!t.hook(HookKind::Follow)) return true;
  bool all = true;
  for (const auto& m : t.s.members) {
    if (m.name == t.st.to || !m.ready || m.terminating || silent(t.s, m)) continue;
    Effect e = t.follow(m);
    if (unwilling(t, m)) hurry(t, e);
    const EffectResult* r = t.ensure(e);
    if (!r) {
      all = false;
    } else if (r->failed()) {
      complaints += "follow on " + m.name + " failed: " + r->message + "; ";
    } else if (!m.knows(t.st.epoch)) {
      all = t.ensure(t.markFollowed(m)) && all;
    }
  }
  return all;
}

}  // namespace

Decision routing(Turn& t) {
  if (gone(t.to())) return becomeFailed(t, Reason::PodGone, "the new primary " + t.st.to + " is gone.");
  std::string complaints;
  bool all = followed(t, complaints);
  const bool traffic = !t.s.routed || repeat(t, t.effect(Kind::CheckRouting, t.st.to, t.st.epoch, true),
                                             [](const EffectResult& r) { return r.done(); });
  if (!traffic) return t.d;
  const Member* from = t.from();
  if (t.hook(HookKind::Disconnect) && from && from->ready && !unwilling(t, *from) && !silent(t.s, *from)) {
    // Only now: a client that comes back finds the new one.
    const EffectResult* r = t.ensure(t.call(HookKind::Disconnect, t.st.from, t.st.epoch, false));
    if (!r) return t.d;
    if (r->failed()) complaints += "disconnect on " + t.st.from + " failed: " + r->message + "; ";
  }
  if (!all) return t.d;
  t.st.step(Phase::Routing).message = complaints;
  return afterRouting(t);
}

namespace {

/// Another member that says that it is primary; empty when none does.
std::string otherPrimary(const Turn& t, const Reports& answers) {
  for (const auto& [pod, r] : answers)
    if (r.primary && pod != t.st.to) return pod;
  return "";
}

/// Does this round of probes show one primary? Writes the reason into `why` when not. `other`: who says so besides.
bool onePrimary(const Turn& t, const Reports& answers, const std::string& other, std::string& why) {
  const auto to = answers.find(t.st.to);
  if (to == answers.end()) return why = t.st.to + " does not answer its probe", false;
  if (!to->second.primary) return why = t.st.to + " says that it is not primary", false;
  if (!other.empty()) return why = other + " says that it is primary too", false;
  const Member* from = t.from();
  if (t.planned() && from && from->ready && !answers.count(t.st.from))
    return why = t.st.from + " does not answer its probe", false;
  return true;
}

/// It is told once in each round that it is not. False while that is under way.
bool toldOtherwise(Turn& t, const std::string& other, int round) {
  const HookKind hook = t.hook(HookKind::Follow) ? HookKind::Follow : HookKind::Demote;
  if (!t.hook(hook)) return true;
  Effect e = t.call(hook, other, t.st.epoch, false, round);
  e.tries = 1;
  return t.ensure(e) != nullptr;
}

/// One round of probes: every member that can be asked.
struct Round {
  bool ended = true;
  Time last{};  // when the last answer came
  Reports answers;
};

Round askAll(Turn& t, int number) {
  Round round;
  for (const auto& m : t.s.members) {
    const bool old = m.name == t.st.from;  // asked whether ready or not: it may be primary still
    if (m.finished || (!m.ready && m.name != t.st.to && !old)) continue;
    if (!t.planned() && m.name != t.st.to && silent(t.s, m)) continue;
    Effect e = t.call(HookKind::Probe, m.name, t.st.epoch, m.name == t.st.to, number);
    if (old && (!m.ready || unwilling(t, m))) hurry(t, e);
    const EffectResult* r = t.ensure(e);
    round.ended = round.ended && r;
    if (r) round.last = std::max(round.last, r->end);
    if (r && r->report) round.answers[m.name] = *r->report;
  }
  return round;
}

}  // namespace

Decision verifying(Turn& t) {
  const Member* to = t.to();
  if (gone(to)) return becomeFailed(t, Reason::PodGone, "the new primary " + t.st.to + " is gone.");
  if (!othersAreStandby(t, t.st.to) || !labelled(t, *to, Label::Primary, t.st.epoch)) return t.d;
  if (!t.hook(HookKind::Probe)) return afterRouting(t);
  for (int number = 0;; ++number) {
    const EffectId next = t.call(HookKind::Probe, t.st.to, t.st.epoch, true, number + 1).id;
    if (t.s.progress.find(next)) continue;  // what was said before does not count any more
    const Round round = askAll(t, number);
    if (!round.ended) return t.d;
    const std::string other = otherPrimary(t, round.answers);
    std::string& why = t.st.step(Phase::Verifying).message;
    if (onePrimary(t, round.answers, other, why)) {
      if (doubted(t)) return failDoubted(t);
      why = t.st.to + " is the one primary at epoch " + std::to_string(t.st.epoch);
      t.st.step(Phase::Verifying).attempts = number + 1;
      return becomeSucceeded(t);
    }
    if (t.planned() && !other.empty() && other == t.st.from && !doubted(t)) return becomeDoubted(t);
    if (!other.empty() && !toldOtherwise(t, other, number)) return t.d;
    const Time again = round.last + pauseAfter(number);
    if (round.last <= t.s.now && t.s.now < again) return t.d.wake(again), t.d;
  }
}

}  // namespace baton::ha
