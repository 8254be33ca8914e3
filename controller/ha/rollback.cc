// The way back, before the point of no return.
#include "ha/phases.h"

namespace baton::ha {
namespace {

using api::HookKind;

/// So long may the way back take, whatever is left of the request's own time.
constexpr std::chrono::seconds kLimit{120};

/// What kept the old primary from being primary again; empty when nobody knows.
std::string complaint(const Turn& t) {
  const EffectResult* last = nullptr;
  for (const auto& [id, r] : t.s.progress.effects)
    if (!r.running() && (!last || r.end >= last->end)) last = &r;
  if (!last || last->failed()) return last ? last->message : "";
  return last->report && !last->report->primary ? t.st.from + " says that it is not primary" : "";
}

/// Promotes it, writes the label, and asks whether it is primary; one that says no is promoted again.
Decision takeBack(Turn& t, const Member& from, const std::string& why) {
  int promotion = 0;
  for (int round = 0;; ++round) {
    if (t.hook(HookKind::Promote)) {
      const EffectResult* r = t.ensure(t.call(HookKind::Promote, from.name, t.st.epoch, true, promotion));
      if (!r) return t.d;
      t.note(*r, "promote on " + from.name);
      if (r->failed())
        return becomeFailed(t, whyBack(t),
                            why + " The rollback failed too: promote on " + from.name + ": " + r->message + ".");
    }
    if (!labelled(t, from, Label::Primary, t.st.epoch)) return t.d;
    if (!t.hook(HookKind::Probe)) return becomeRolledBack(t);
    const EffectResult* r = t.ensure(t.call(HookKind::Probe, from.name, t.st.epoch, true, round));
    if (!r) return t.d;
    const bool next = t.s.progress.find(t.call(HookKind::Probe, from.name, t.st.epoch, true, round + 1).id) != nullptr;
    if (!next && r->report && r->report->primary) return becomeRolledBack(t);
    bool begun = next;
    if (r->report && !r->report->primary) {
      const EffectId anew = t.call(HookKind::Promote, from.name, t.st.epoch, true, ++promotion).id;
      begun = begun || t.s.progress.find(anew);
    }
    if (!begun && r->resting(t.s.now, pauseAfter(round))) return t.d.wake(r->end + pauseAfter(round)), t.d;
  }
}

}  // namespace

/// The way back: the old primary is promoted again, at an epoch of its own.
Decision rollingBack(Turn& t) {
  const Time limit = t.st.step(api::Phase::RollingBack).start.value_or(t.s.now) + kLimit;
  const std::string why = t.st.message;
  const Member* from = t.from();
  if (!from || from->finished)
    return becomeFailed(t, whyBack(t), why + " The old primary " + t.st.from + " is gone, so the rollback failed.");
  api::HaGroupStatus g = t.s.group.status;
  if (g.epoch < t.st.epoch || g.primary != t.st.from) {
    grant(t.s, g, *from, t.st.epoch);
    show(g, t.r);
    t.d.group = g;
    return t.d;
  }
  if (t.s.now >= limit) {
    t.d = {};
    const std::string detail = complaint(t);
    return becomeFailed(t, whyBack(t),
                        why + " The rollback to " + t.st.from + " did not end within 120 s" +
                            (detail.empty() ? "" : ": " + detail) + ".");
  }
  t.d.wake(limit);
  if (!othersAreStandby(t, t.st.from)) return t.d;
  return takeBack(t, *from, why);
}

}  // namespace baton::ha
