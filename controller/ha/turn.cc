#include "ha/turn.h"

#include <algorithm>

namespace baton::ha {

Effect Turn::effect(EffectId::Kind kind, const std::string& pod, int64_t epoch, bool primaryRole) const {
  Effect e;
  e.id.kind = kind;
  e.id.pod = pod;
  e.epoch = epoch;
  e.role = primaryRole ? "primary" : "standby";
  e.primary = st.phase == api::Phase::RollingBack ? st.from : st.to;
  if (st.phase == api::Phase::Validating) e.primary = holder(s);
  e.request = r.meta.name;
  return e;
}

Effect Turn::call(api::HookKind hookKind, const std::string& pod, int64_t epoch, bool primaryRole, int round) const {
  Effect e = effect(EffectId::Kind::Hook, pod, epoch, primaryRole);
  e.id.hook = hookKind;
  e.id.round = round;
  return e;
}

Effect Turn::follow(const Member& m) const {
  Effect e = call(api::HookKind::Follow, m.name, st.epoch, false);
  e.listener = m.listener();
  return e;
}

Effect Turn::markFollowed(const Member& m) const {
  Effect e = effect(EffectId::Kind::MarkFollowed, m.name, st.epoch, false);
  e.listener = m.listener();
  return e;
}

const Member* Turn::granted(const std::string& pod) const {
  const Member* m = s.pod(pod);
  const auto& g = s.group.status;
  return m && g.primary == pod && !g.primaryUid.empty() && g.primaryUid != m->uid ? nullptr : m;
}

const EffectResult* Turn::ensure(const Effect& e) {
  const EffectResult* known = s.progress.find(e.id);
  if (known && known->running()) return nullptr;
  if (known && known->listener == e.listener) return known;
  d.start.push_back(e);
  return nullptr;
}

void Turn::note(const EffectResult& result, const std::string& what) {
  api::Step& step = st.step(st.phase);
  step.attempts = result.attempts;
  step.message = what + (result.message.empty() ? "" : ": " + result.message);
}

Decision Turn::store() {
  d.start.clear();
  d.requests.push_back({r.meta.name, st});
  return d;
}

Decision Turn::storeWith(api::HaGroupStatus group) {
  store();
  d.group = std::move(group);
  return d;
}

bool gone(const Member* m) { return !m || m->finished; }

std::chrono::milliseconds pauseAfter(int round) { return std::chrono::milliseconds(20 << std::min(round, 4)); }

const EffectResult* repeat(Turn& t, Effect e, const std::function<bool(const EffectResult&)>& good) {
  for (int round = 0;; ++round) {
    e.id.round = round;
    const EffectResult* r = t.s.progress.find(e.id);
    if (!r || r->running()) return t.ensure(e), nullptr;
    EffectId next = e.id;
    next.round = round + 1;
    if (t.s.progress.find(next)) continue;  // what was said before does not count any more
    if (good(*r)) return r;
    const Time again = r->end + pauseAfter(round);
    if (r->resting(t.s.now, pauseAfter(round))) return t.d.wake(again), nullptr;
  }
}

bool labelled(Turn& t, const Member& m, Label want, int64_t epoch) {
  if (m.label == want && (want != Label::Primary || m.labelEpoch == epoch)) return true;
  const Effect e = t.effect(want == Label::Primary ? EffectId::Kind::SetPrimary : EffectId::Kind::SetStandby, m.name,
                            epoch, want == Label::Primary);
  repeat(t, e, [](const EffectResult&) { return false; });
  return false;
}

bool othersAreStandby(Turn& t, const std::string& except) {
  bool all = true;
  for (const auto& m : t.s.members)
    if (m.name != except && m.label == Label::Primary) all = labelled(t, m, Label::Standby, t.st.epoch) && all;
  return all;
}

}  // namespace baton::ha
