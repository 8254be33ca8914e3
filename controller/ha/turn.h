// One request's turn: the snapshot, a copy of the request's status to be changed, and the decision being made. What
// the phase functions share; used inside ha/ only.
#pragma once

#include <functional>
#include <string>

#include "api/switchover.h"
#include "ha/active.h"
#include "ha/candidates.h"
#include "ha/decision.h"
#include "ha/guards.h"
#include "ha/snapshot.h"
#include "ha/transitions.h"

namespace baton::ha {

/// So long requests wait for a group's first primary, and its choice for members that do not answer.
inline constexpr std::chrono::seconds kBootstrapPatience{30};

struct Turn {
  const Snapshot& s;
  const api::SwitchoverRequest& r;
  api::SwitchoverStatus st;
  Decision d;

  Turn(const Snapshot& snapshot, const api::SwitchoverRequest& request) : s(snapshot), r(request), st(request.status) {}

  bool planned() const { return r.spec.mode == api::Mode::Planned; }
  /// Made by Baton, because the primary failed: nobody has looked at it.
  bool automatic() const { return r.trigger == api::kFailoverTrigger; }
  Wish wish() const { return {r.spec.candidate, r.spec.candidateZone, !planned(), automatic()}; }
  /// nullptr as well when another pod of that name is there now than the one that was granted the role.
  /// Until another one is promoted it may be a pod that left the group: it must give the role up all the same.
  const Member* from() const {
    const bool leaves = !api::pastPointOfNoReturn(st.phase) && st.phase != api::Phase::RollingBack;
    return leaves || s.member(st.from) ? granted(st.from) : nullptr;
  }
  /// Before the grant it is whoever has that name now: also the old primary's successor in name.
  const Member* to() const {
    const bool given = api::pastPointOfNoReturn(st.phase) && s.group.status.epoch >= st.epoch;
    return given && s.member(st.to) ? granted(st.to) : s.member(st.to);
  }
  const api::Hook* hook(api::HookKind k) const { return s.spec().hook(k); }
  Time deadline() const { return st.start.value_or(r.meta.created) + std::chrono::seconds(r.spec.timeoutSeconds); }

  /// An effect of the present phase; the arguments that all of them share are filled in.
  Effect effect(EffectId::Kind kind, const std::string& pod, int64_t epoch, bool primaryRole) const;
  Effect call(api::HookKind hook, const std::string& pod, int64_t epoch, bool primaryRole, int round = 0) const;
  /// At the request's epoch, of the containers that run now.
  Effect follow(const Member& m) const;
  Effect markFollowed(const Member& m) const;

  /// The result of the effect once it has ended; nullptr while it runs, and it is started when it does not.
  const EffectResult* ensure(const Effect& e);

  /// Sets the present step's message and attempts from an effect.
  void note(const EffectResult& result, const std::string& what);

  Decision store();                              // the request alone
  Decision storeWith(api::HaGroupStatus group);  // request and group at the same time

 private:
  const Member* granted(const std::string& pod) const;
};

bool gone(const Member* m);

/// Pause before a probe, look or write is repeated: 20 ms, doubling to 320 ms.
std::chrono::milliseconds pauseAfter(int round);
/// Repeats an effect in rounds until `good` accepts an answer; nullptr while that is not so.
const EffectResult* repeat(Turn& t, Effect e, const std::function<bool(const EffectResult&)>& good);
/// The pod's label as wanted; starts the write otherwise. A label that somebody changed back is written again.
bool labelled(Turn& t, const Member& m, Label want, int64_t epoch);
/// At no moment two primary labels: whoever else has it loses it before anybody gets it.
bool othersAreStandby(Turn& t, const std::string& except);

// Each makes the transition it is named after and returns what is to be stored.
Decision becomeRejected(Turn& t, api::Reason reason, const std::string& message);
Decision becomeCancelledUntouched(Turn& t);
Decision becomeDryRunDone(Turn& t, const Choice& choice);
Decision becomeValidating(Turn& t);
Decision becomeAccepted(Turn& t, const Choice& choice);  // Demoting, or Promoting when nobody has the role
Decision becomeCatchingUp(Turn& t);
Decision becomeFencing(Turn& t);
Decision becomePromoting(Turn& t);
Decision becomeRouting(Turn& t);
Decision becomeVerifying(Turn& t);
/// A planned request whose old primary claims the role again: what that one has acknowledged since is nowhere else, so
/// this can't succeed any more. Stored before it is told otherwise, as by then nobody could see it.
Decision becomeDoubted(Turn& t);
bool doubted(const Turn& t);
Decision failDoubted(Turn& t);
Decision becomeSucceeded(Turn& t);
Decision becomeFailed(Turn& t, api::Reason reason, const std::string& message);
/// Before the point of no return: rolls back, or with onFailure Hold ends as Failed and leaves all as it is.
Decision giveUp(Turn& t, api::Reason reason, const std::string& message);
Decision becomeRolledBack(Turn& t);
/// Why the way back was taken; a status that somebody else wrote may not say.
api::Reason whyBack(const Turn& t);

/// A request that has not begun. `ahead`: requests of the group that go first.
Decision waiting(Turn& t, size_t ahead, const std::string& firstAhead);
/// Choose and accept or reject, with what the probes said.
Decision judge(Turn& t, const Reports& answers);
/// A request that has begun.
Decision proceed(Turn& t);
Decision rollingBack(Turn& t);

/// No request is active: labels, first primary, followers, summary.
Decision settle(const Snapshot& s);

/// The group's status as it follows from the snapshot; primary, epoch, activeRequest and history stay as they are.
api::HaGroupStatus summarize(const Snapshot& s);
/// Takes up what a finished request means for the group: role change, history, held.
void recordOutcome(const Snapshot& s, const api::SwitchoverRequest& r, const api::SwitchoverStatus& end,
                   api::HaGroupStatus& g);
/// Where the group is at home after that change of roles: status.originalZone, and whether it is to go back.
void home(const Snapshot& s, const api::SwitchoverRequest& r, const api::SwitchoverStatus& end, api::HaGroupStatus& g);
/// Several members take themselves for the primary: labels are taken, and the role granted anew. True when that is what
/// the group does now.
bool splitBrain(const Snapshot& s, Decision& d);
/// The grant: the epoch rises and names that very pod.
void grant(const Snapshot& s, api::HaGroupStatus& g, const Member& to, int64_t epoch);

}  // namespace baton::ha
