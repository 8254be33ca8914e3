#include "ha/transitions.h"

#include <algorithm>
#include <stdexcept>

namespace baton::ha {

using api::Phase;
using api::StepState;

const std::vector<Transition>& transitions() {
  static const std::vector<Transition> table = {
      {Phase::None, Phase::Pending, "the group is not there yet, or is still getting its first primary"},
      {Phase::None, Phase::Scheduled, "scheduledAt is in the future"},
      {Phase::None, Phase::Queued, "another request of the group goes first"},
      {Phase::None, Phase::Validating, "the group has a probe hook: positions are read before anything is touched"},
      {Phase::None, Phase::Demoting, "the request is accepted"},
      {Phase::None, Phase::Promoting, "accepted, and there is no old primary to demote"},
      {Phase::None, Phase::Succeeded, "dry run: the plan is told, nothing is changed"},
      {Phase::None, Phase::Rejected, "refused before anything was touched"},
      {Phase::None, Phase::Cancelled, "cancelled before it began"},
      {Phase::Pending, Phase::Scheduled, "scheduledAt is in the future"},
      {Phase::Pending, Phase::Queued, "another request of the group goes first"},
      {Phase::Pending, Phase::Validating, "the group has a probe hook"},
      {Phase::Pending, Phase::Demoting, "the request is accepted"},
      {Phase::Pending, Phase::Promoting, "accepted, and there is no old primary to demote"},
      {Phase::Pending, Phase::Succeeded, "dry run"},
      {Phase::Pending, Phase::Rejected, "refused before anything was touched"},
      {Phase::Pending, Phase::Cancelled, "cancelled before it began"},
      {Phase::Scheduled, Phase::Queued, "its time has come, but another request of the group goes first"},
      {Phase::Scheduled, Phase::Validating, "its time has come; the group has a probe hook"},
      {Phase::Scheduled, Phase::Demoting, "its time has come and it is accepted"},
      {Phase::Scheduled, Phase::Promoting, "accepted, and there is no old primary to demote"},
      {Phase::Scheduled, Phase::Succeeded, "dry run"},
      {Phase::Scheduled, Phase::Rejected, "refused before anything was touched"},
      {Phase::Scheduled, Phase::Cancelled, "cancelled before it began"},
      {Phase::Queued, Phase::Validating, "the request before it has ended; the group has a probe hook"},
      {Phase::Queued, Phase::Demoting, "the request before it has ended and it is accepted"},
      {Phase::Queued, Phase::Promoting, "accepted, and there is no old primary to demote"},
      {Phase::Queued, Phase::Succeeded, "dry run"},
      {Phase::Queued, Phase::Rejected, "refused before anything was touched"},
      {Phase::Queued, Phase::Cancelled, "cancelled before it began"},
      {Phase::Validating, Phase::Demoting, "accepted; from, to and the candidates' standings are stored"},
      {Phase::Validating, Phase::Promoting, "accepted, and there is no old primary to demote"},
      {Phase::Validating, Phase::Succeeded, "dry run: the plan is told, nothing is changed"},
      {Phase::Validating, Phase::Rejected, "refused before anything was touched"},
      {Phase::Validating, Phase::Cancelled, "cancelled before anything was touched"},
      {Phase::Demoting, Phase::CatchingUp, "the old primary is demoted; the group has a probe hook"},
      {Phase::Demoting, Phase::Fencing, "Forced, and it is not certain that the old primary is demoted"},
      {Phase::Demoting, Phase::Promoting, "the old primary is demoted and there is nothing to wait for"},
      {Phase::Demoting, Phase::RollingBack, "a step failed, the time is over, or the request was cancelled"},
      {Phase::Demoting, Phase::Failed, "the old primary is gone, or onFailure is Hold"},
      {Phase::CatchingUp, Phase::Promoting, "the candidate has reached the old primary's position"},
      {Phase::CatchingUp, Phase::RollingBack, "the candidate is too late, a step failed, or the request was cancelled"},
      {Phase::CatchingUp, Phase::Failed, "the old primary is gone, or onFailure is Hold"},
      {Phase::Fencing, Phase::Promoting, "the old primary is fenced, or fencing is not required"},
      {Phase::Fencing, Phase::RollingBack, "required fencing failed, the time is over, or the request was cancelled"},
      {Phase::Fencing, Phase::Failed, "the same with onFailure Hold, or the old primary is gone"},
      {Phase::Promoting, Phase::Routing, "the candidate has the role; members follow and traffic is routed"},
      {Phase::Promoting, Phase::Verifying, "the candidate has the role and there is nothing to route"},
      {Phase::Promoting, Phase::Succeeded, "the candidate has the role; label and readiness show it"},
      {Phase::Promoting, Phase::Failed, "the promotion failed, the candidate is gone, or the time is over"},
      {Phase::Routing, Phase::Verifying, "traffic reaches the new primary and not the old one"},
      {Phase::Routing, Phase::Succeeded, "the same, and there is nothing more to verify than what is seen"},
      {Phase::Routing, Phase::Failed, "the time is over, or the new primary is gone"},
      {Phase::Verifying, Phase::Succeeded, "one primary at the new epoch"},
      {Phase::Verifying, Phase::Failed, "the time is over, or the new primary is gone"},
      {Phase::RollingBack, Phase::RolledBack, "the old primary has the role again"},
      {Phase::RollingBack, Phase::Cancelled, "the same, after a cancel"},
      {Phase::RollingBack, Phase::Failed, "the old primary could not get the role back"},
  };
  return table;
}

bool allowed(Phase from, Phase to) {
  const auto& t = transitions();
  return std::any_of(t.begin(), t.end(), [&](const Transition& x) { return x.from == from && x.to == to; });
}

void advance(api::SwitchoverStatus& st, Phase to, Time now) {
  if (!allowed(st.phase, to))
    throw std::logic_error("no transition from " + std::string(name(st.phase)) + " to " + std::string(name(to)));
  if (api::started(st.phase)) {
    api::Step& left = st.step(st.phase);
    if (left.state == StepState::Running) left.state = StepState::Done;
    if (!left.end) left.end = now;
  }
  st.phase = to;
  if (!api::started(to)) return;
  api::Step& entered = st.step(to);
  entered.state = StepState::Running;
  entered.start = now;
}

void passThrough(api::SwitchoverStatus& st, Phase p, StepState state, const std::string& message, Time now) {
  api::Step& s = st.step(p);
  s.state = state;
  s.message = message;
  if (!s.start) s.start = now;
  s.end = now;
}

}  // namespace baton::ha
