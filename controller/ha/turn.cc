#include "ha/turn.h"

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

const EffectResult* Turn::ensure(const Effect& e) {
  const EffectResult* known = s.progress.find(e.id);
  if (!known) d.start.push_back(e);
  return known && !known->running() ? known : nullptr;
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

}  // namespace baton::ha
