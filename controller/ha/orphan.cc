#include "ha/orphan.h"

#include "ha/transitions.h"

namespace baton::ha {

Orphan withoutGroup(const api::SwitchoverRequest& r, Time now) {
  using api::Phase;
  Orphan o;
  if (r.meta.deleted) return o;
  if (api::finished(r.status.phase)) {
    const Time end = r.status.completion.value_or(now) + std::chrono::seconds(r.spec.ttlSecondsAfterFinished);
    o.remove = end <= now;
    if (!o.remove) o.wakeAt = end;
    return o;
  }
  const Time patience = r.meta.created + kGroupPatience;
  if (now < patience) {
    o.wakeAt = patience;
    return o;
  }
  const bool begun = api::started(r.status.phase) && r.status.phase != Phase::Validating;
  api::SwitchoverStatus st = r.status;
  st.reason = api::Reason::GroupNotFound;
  st.message = "there is no HaGroup " + r.spec.group + " in namespace " + r.meta.ns + ".";
  const Interned reason{std::string(name(st.reason))};
  if (!begun)
    api::setCondition(st.conditions,
                      {Interned("Accepted"), Interned("False"), reason, st.message, now, r.meta.generation});
  api::setCondition(st.conditions, {Interned("Failed"), Interned("True"), reason, st.message, now, r.meta.generation});
  if (api::started(st.phase)) {
    api::Step& step = st.step(st.phase);
    step.state = api::StepState::Failed;
    step.message = st.message;
  }
  advance(st, begun ? Phase::Failed : Phase::Rejected, now);
  if (!st.start) st.start = now;
  st.completion = now;
  o.status = std::move(st);
  return o;
}

}  // namespace baton::ha
