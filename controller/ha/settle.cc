// A group in which no request is active: the first primary, labels that differ from the grant, new members, summary.
#include <algorithm>

#include "ha/governor.h"
#include "ha/moves.h"
#include "ha/turn.h"

namespace baton::ha {
namespace {

using api::HookKind;
using Kind = EffectId::Kind;

/// A hook that failed here is tried again after this long.
constexpr std::chrono::seconds kRetry{10};

struct Settling {
  const Snapshot& s;
  Decision d;

  Effect effect(Kind kind, const Member& m, bool primaryRole) const {
    Effect e;
    e.id.kind = kind;
    e.id.pod = m.name;
    e.epoch = s.group.status.epoch;
    e.role = primaryRole ? "primary" : "standby";
    e.primary = s.group.status.primary;
    return e;
  }
  Effect call(HookKind hook, const Member& m, bool primaryRole) const {
    Effect e = effect(Kind::Hook, m, primaryRole);
    e.id.hook = hook;
    return e;
  }
  Effect follow(const Member& m) const {
    Effect e = call(HookKind::Follow, m, false);
    e.listener = m.listener();
    if (!m.ready) e.tries = 1;  // its container may just be starting
    return e;
  }
  /// True when it has succeeded. One that failed is started again after a pause, or at once with another listener.
  bool ensure(const Effect& e) {
    const EffectResult* r = s.progress.find(e.id);
    if (r && r->running()) return false;
    const bool same = r && r->listener == e.listener;
    if (same && r->done()) return true;
    if (same && r->resting(s.now, kRetry)) return d.wake(r->end + kRetry), false;
    d.start.push_back(e);
    return false;
  }
  /// For labels: as long as the snapshot shows another one, the write is wanted.
  void label(Kind kind, const Member& m, bool primaryRole) {
    Effect e = effect(kind, m, primaryRole);
    if (kind == Kind::MarkFollowed) e.listener = m.listener();
    const EffectResult* r = s.progress.find(e.id);
    const auto pause = r && r->failed() ? std::chrono::milliseconds(kRetry) : std::chrono::milliseconds(200);
    if (r && r->running()) return;
    if (r && r->resting(s.now, pause)) return d.wake(r->end + pause);
    d.start.push_back(e);
  }
};

/// The member that gets the first grant: whoever is primary already by its label or by its own word; else the best.
/// Nothing while probes are under way, or when nobody is fit.
const Member* firstPrimary(Settling& w) {
  const Snapshot& s = w.s;
  if (const auto labelled = labelledPrimaries(s); !labelled.empty())
    return labelled.size() == 1 ? s.member(labelled[0]) : nullptr;
  if (s.spec().bootstrap == api::Bootstrap::Manual || s.spec().paused) return nullptr;
  if (s.spec().hook(HookKind::Probe)) {
    bool ended = true;
    const Time patience = s.group.meta.created + kBootstrapPatience;  // with those who do not answer
    for (const auto& m : s.members) {
      // Whether it may be chosen or not: it may be primary already.
      if (!m.ready || m.terminating || m.finished) continue;
      const Effect e = w.call(HookKind::Probe, m, false);
      const bool answered = w.ensure(e);
      const EffectResult* r = s.progress.find(e.id);
      const bool failed = r && r->failed() && r->resting(s.now, kRetry);
      if (!answered && !(failed && s.now >= patience)) ended = false;
    }
    if (!ended) return nullptr;
  }
  const Reports answers = reports(s.progress);
  std::vector<std::string> claims;
  for (const auto& [pod, r] : answers)
    if (r.primary) claims.push_back(pod);
  if (claims.size() == 1) return s.member(claims[0]);
  if (claims.size() > 1) return w.d.wake(s.now + kRetry), nullptr;  // a person has to say which
  const Choice c = choose(s, "", {}, answers);
  if (c.pod.empty() && s.spec().hook(HookKind::Probe)) w.d.wake(s.now + kRetry);
  return c.pod.empty() ? nullptr : s.member(c.pod);
}

/// Members' roles as they will be when the labels are written: one write of the group instead of two.
void predictRoles(const Snapshot& s, api::HaGroupStatus& g) {
  if (s.spec().hook(HookKind::Promote) || s.spec().hook(HookKind::Follow)) return;
  for (auto& m : g.members) m.role = m.pod == g.primary ? s.spec().primaryValue : s.spec().standbyValue;
}

/// The grant is stored before the label is written.
bool bootstrapped(Settling& w) {
  const Member* to = firstPrimary(w);
  if (!to) return false;
  api::HaGroupStatus g = w.s.group.status;
  const int64_t highest = highestEpoch(w.s);
  // What the label shows already is taken over as it is.
  const bool asShown = to->label == Label::Primary && to->labelEpoch == highest && highest > g.epoch;
  grant(w.s, g, *to, asShown ? highest : highest + 1);
  Snapshot granted = w.s;
  granted.group.status = g;
  const bool label = w.s.spec().hook(HookKind::Promote) == nullptr;
  for (auto& m : granted.members)
    if (label && m.name == to->name) m.label = Label::Primary, m.labelEpoch = g.epoch;
  g = summarize(granted);
  predictRoles(granted, g);
  w.d.start.clear();
  w.d.group = std::move(g);
  w.d.adopts = to->label == Label::Primary;
  return true;
}

/// Left for a person: who has the role gets nothing back that was taken away.
bool held(const api::HaGroupStatus& g) { return isTrue(g, "Held"); }

/// The group is left for a person, who has put the primary label on another pod: that one; nullptr when none or
/// several.
const Member* chosenByHand(const Snapshot& s) {
  if (!held(s.group.status)) return nullptr;
  const Member* chosen = nullptr;
  for (const auto& name : labelledPrimaries(s)) {
    if (name == s.group.status.primary) continue;
    if (chosen) return nullptr;
    chosen = s.member(name);
  }
  return chosen;
}

/// The same for a request that the group has never shown as active: it left the group for a person, at this epoch.
bool heldUnseen(Settling& w) {
  const auto& g = w.s.group.status;
  if (held(g) || g.primary.empty()) return false;
  for (const auto& r : w.s.requests) {
    const auto& st = r.status;
    if (st.phase != api::Phase::Failed || r.spec.onFailure != api::OnFailure::Hold || st.pointOfNoReturn) continue;
    if (st.epoch != g.epoch || st.from != g.primary) continue;
    api::HaGroupStatus after = summarize(w.s);
    recordOutcome(w.s, r, st, after);
    w.d.group = std::move(after);
    return true;
  }
  return false;
}

/// A request ended, or was deleted, and the group's own write did not follow.
bool endedElsewhere(Settling& w) {
  if (heldUnseen(w)) return true;
  if (w.s.group.status.activeRequest.empty()) return false;
  api::HaGroupStatus g = summarize(w.s);
  const auto it =
      std::find_if(w.s.requests.begin(), w.s.requests.end(), [&](const auto& r) { return shows(w.s.group.status, r); });
  if (it != w.s.requests.end() && api::finished(it->status.phase)) {
    recordOutcome(w.s, *it, it->status, g);
  } else {
    // The grant tells who has the role; the labels are brought in line with it. Nobody knows how far the hooks came,
    // so the holder is granted the role anew: then it is promoted again, whatever its label says.
    showNone(g);
    const Member* m = w.s.member(holder(w.s));
    if (m && w.s.spec().hook(HookKind::Promote) && !epochOutOfRange(g.epoch)) grant(w.s, g, *m, g.epoch + 1);
    Snapshot free = w.s;
    free.group.status = g;
    g = summarize(free);
  }
  w.d.group = std::move(g);
  return true;
}

/// The holder gets its role by a new grant: a pod has been told a higher epoch than the present one, and may refuse
/// that; or the holder had its label at it and has it no more, so it was told to give up what this very grant gave it.
bool grantedAnew(Settling& w, const Member& holder) {
  const auto& g = w.s.group.status;
  if (holder.label == Label::Primary && holder.labelEpoch == g.epoch) return false;
  const bool gaveUp = holder.label == Label::Standby && holder.labelEpoch == g.epoch;
  if (!gaveUp && highestEpoch(w.s) <= g.epoch) return false;
  api::HaGroupStatus after = g;
  grant(w.s, after, holder, highestEpoch(w.s) + 1);
  Snapshot granted = w.s;
  granted.group.status = std::move(after);
  w.d.group = summarize(granted);
  return true;
}

/// Promote hook, then the label, for a grant that the labels do not show.
void labelHolder(Settling& w, const Member& m) {
  if (m.label == Label::Primary && (m.labelEpoch == w.s.group.status.epoch)) return;
  if (m.terminating) return;
  // Without an epoch it was primary before Baton came.
  const bool asGranted = m.label == Label::Primary && m.labelEpoch < 0;
  if (!asGranted && w.s.spec().hook(HookKind::Promote)) {
    if (!m.ready || !w.ensure(w.call(HookKind::Promote, m, true))) return;
  }
  w.label(Kind::SetPrimary, m, true);
}

bool otherLabelled(const Snapshot& s, const Member& holder) {
  return std::any_of(s.members.begin(), s.members.end(),
                     [&](const Member& m) { return &m != &holder && m.label == Label::Primary; });
}

/// A pod that has ended, an evicted one say, keeps its labels until it is deleted.
void labelEnded(Settling& w, const Member* primary) {
  for (const auto& m : w.s.members)
    if (m.finished && &m != primary && m.label == Label::Primary) w.label(Kind::SetStandby, m, false);
}

void labelStandbys(Settling& w, const Member* primary) {
  const bool led = primary && primary->label == Label::Primary && primary->ready;
  for (const auto& m : w.s.members) {
    if (&m == primary || m.finished) continue;
    if (m.label == Label::Primary) {
      // It was granted to another pod; a person who puts it on by hand while the group is held has a reason.
      if (primary && !held(w.s.group.status)) w.label(Kind::SetStandby, m, false);
      continue;
    }
    if (w.s.spec().hook(HookKind::Follow) && w.s.group.status.epoch > 0) {
      if (m.label == Label::Standby && m.knows(w.s.group.status.epoch)) continue;
      if (w.s.spec().paused && m.label == Label::Standby) continue;  // a person may be at work on it
      // Who was restarted may be ready only when it has been told whom to follow.
      if (!led || m.terminating || m.nodeGone || (!m.ready && m.label != Label::Standby)) continue;
      if (w.ensure(w.follow(m))) w.label(Kind::MarkFollowed, m, false);
    } else if (m.label != Label::Standby) {
      w.label(Kind::SetStandby, m, false);
    }
  }
}

/// A failover, when one is needed and may be; else what is planned. `g` tells why not.
void ask(Settling& w, api::HaGroupStatus& g) {
  const Failure failed = failure(w.s);
  const Verdict v = govern(w.s, failed);
  tell(w.s, v, g);
  if (v.until) w.d.wake(*v.until);
  if (v.what == Verdict::Do::FailOver) w.d.make = failoverRequest(w.s, failed);
  if (failed || failed.unknown) return;
  Move m = plannedMove(w.s);
  if (m.wakeAt) w.d.wake(*m.wakeAt);
  w.d.make = std::move(m.make);
}

/// Equal but for what changes with every probe.
bool sameSummary(const api::HaGroupStatus& a, api::HaGroupStatus b) {
  if (a.members.size() != b.members.size()) return false;
  for (size_t i = 0; i < a.members.size(); ++i) {
    b.members[i].position = a.members[i].position;
    b.members[i].lag = a.members[i].lag;
    b.members[i].lastProbe = a.members[i].lastProbe;
  }
  return a == b;
}

}  // namespace

Decision settle(const Snapshot& s) {
  Settling w{s, {}};
  if (endedElsewhere(w)) return w.d;
  const std::string who = holder(s);
  const Member* primary = s.member(who);
  const bool vacant = s.group.status.primary.empty();
  const bool sound = s.spec().error.empty() && !epochOutOfRange(s.group.status.epoch);
  if (vacant && sound && (neverHadPrimary(s) || !labelledPrimaries(s).empty()) && bootstrapped(w)) return w.d;
  if (sound && splitBrain(s, w.d)) return w.d;
  const Member* chosen = sound ? chosenByHand(s) : nullptr;
  if (chosen && labelledPrimaries(s).size() == 1 && bootstrapped(w)) return w.d;
  const bool waitsForGrant = neverHadPrimary(s) && s.spec().bootstrap == api::Bootstrap::Automatic && !s.spec().paused;
  if (sound) {
    // At no moment two primary labels: whoever has it without the grant loses it first.
    if (primary && !held(s.group.status) && grantedAnew(w, *primary)) return w.d;
    if (chosen && primary) w.label(Kind::SetStandby, *primary, false);
    if (primary && !held(s.group.status) && !otherLabelled(s, *primary)) labelHolder(w, *primary);
    if (primary || !waitsForGrant) labelStandbys(w, primary);
    labelEnded(w, primary);
  }
  api::HaGroupStatus g = summarize(s);
  if (sound) ask(w, g);
  const bool labelling =
      std::any_of(w.d.start.begin(), w.d.start.end(), [](const Effect& e) { return e.id.kind != Kind::Hook; });
  const bool writing = std::any_of(s.progress.effects.begin(), s.progress.effects.end(),
                                   [](const auto& e) { return e.first.kind != Kind::Hook && e.second.running(); });
  // While labels are being written the summary would be out of date at once.
  if (labelling || writing || sameSummary(s.group.status, g)) return w.d;
  w.d.group = g;
  return w.d;
}

}  // namespace baton::ha
