// Requests that have not begun: schedule, queue, deadline, refusal, validation.
#include <algorithm>

#include "ha/failure.h"
#include "ha/turn.h"

namespace baton::ha {
namespace {

using api::HookKind;
using api::Phase;
using api::Reason;

/// So long a forced request waits for calls that could undo what it does.
constexpr std::chrono::seconds kForcedPatience{5};

/// As many may wait behind the active one; more are refused as Busy.
constexpr size_t kQueueLength = 10;

Decision becomeWaiting(Turn& t, Phase phase, const std::string& message, std::optional<Time> wake) {
  if (wake) t.d.wake(*wake);
  // A phase that it has left does not come back: not when the clock does, nor when the group's label is lost.
  if (t.st.phase != phase && !allowed(t.st.phase, phase)) phase = t.st.phase;
  if (t.st.phase == phase && t.st.message == message) return t.d;
  if (t.st.phase != phase) advance(t.st, phase, t.s.now);
  t.st.message = message;
  return t.store();
}

/// The group is about to get its first primary, or its label: not a moment to refuse or to begin.
bool settling(const Snapshot& s) {
  if (s.spec().paused || !s.spec().error.empty()) return false;
  if (neverHadPrimary(s)) return s.spec().bootstrap == api::Bootstrap::Automatic;
  const Member* m = s.member(holder(s));
  return m && m->label != Label::Primary && m->ready;
}

/// Nobody has the role, and who had it last must be proven harmless before another one gets it: when it may take the
/// role itself, it gets it back, as that needs no proof.
std::string returned(const Turn& t, const Choice& c) {
  const Member* former = t.automatic() && t.s.spec().failover.fencing.required ? formerPrimary(t.s) : nullptr;
  if (!former || c.pod.empty()) return "";
  const bool fit =
      std::any_of(c.all.begin(), c.all.end(), [&](const Standing& x) { return x.pod == former->name && x.eligible; });
  return fit ? former->name : "";
}

/// A member is being told to follow the primary: that call could reach its pod after the role has moved. Forced waits
/// for those alone that may get it.
bool telling(const Snapshot& s, bool forced) {
  const auto& all = s.progress.effects;
  return std::any_of(all.begin(), all.end(), [&](const auto& e) {
    const auto& [id, r] = e;
    if (!r.running() || id.kind != EffectId::Kind::Hook || id.hook != HookKind::Follow) return false;
    const Member* m = s.member(id.pod);
    return !forced || (m && m->ready);
  });
}

/// Members are being told to follow the primary, as after a rollback or a restart: who has not can't take its role yet.
/// One that failed to is not waited for.
bool gathering(const Snapshot& s) {
  const Member* primary = s.member(holder(s));
  const int64_t epoch = s.group.status.epoch;
  const bool led = primary && primary->ready && primary->label == Label::Primary && primary->labelEpoch == epoch;
  if (!led || !s.spec().hook(HookKind::Follow)) return false;
  return std::any_of(s.members.begin(), s.members.end(), [&](const Member& m) {
    if (&m == primary || !m.ready || m.terminating || m.finished || m.nodeGone || m.knows(epoch)) return false;
    EffectId follow;
    follow.hook = HookKind::Follow;
    follow.pod = m.name;
    const EffectResult* r = s.progress.find(follow);
    return !r || !r->failed() || r->listener != m.listener();
  });
}

}  // namespace

Decision waiting(Turn& t, size_t ahead, const std::string& firstAhead) {
  const Time start = t.r.spec.scheduledAt.value_or(t.r.meta.created);
  const Time last = start + std::chrono::seconds(t.r.spec.startDeadlineSeconds);
  if (t.r.spec.cancel) return becomeCancelledUntouched(t);
  if (t.s.now < start && t.r.spec.scheduledAt)
    return becomeWaiting(t, Phase::Scheduled, "starts at " + formatTimeSeconds(start) + ".", start);
  // A failover asks by itself whether it is still wanted, and two clocks may differ.
  if (t.s.now >= last && !t.automatic())
    return becomeRejected(t, Reason::StartDeadlineExceeded,
                          "it had to start by " + formatTimeSeconds(last) + " (startDeadlineSeconds " +
                              std::to_string(t.r.spec.startDeadlineSeconds) + ").");
  if (ahead > kQueueLength)
    return becomeRejected(t, Reason::Busy, std::to_string(ahead) + " requests of the group are before this one.");
  // A dry run changes nothing and waits for nobody, unless it has to ask the members.
  if (ahead > 0 && (!t.r.spec.dryRun || t.hook(HookKind::Probe)))
    return becomeWaiting(t, Phase::Queued, "behind " + firstAhead + ".", last);
  const Time patience = t.r.meta.created + kBootstrapPatience;
  if (t.planned() && settling(t.s) && t.s.now < patience && !(neverHadPrimary(t.s) && !t.r.spec.candidate.empty()))
    return becomeWaiting(t, Phase::Pending, "the group is still getting its primary.", patience);
  if (const Refusal f = refusal(t.s, t.r)) return becomeRejected(t, f.reason, f.message);
  if (t.automatic() && failure(t.s).unknown) return t.d;  // the detector will tell
  const Time told = t.planned() ? last : std::min(last, start + kForcedPatience);
  if ((t.planned() && gathering(t.s)) || (t.s.now < told && telling(t.s, !t.planned())))
    return becomeWaiting(t, Phase::Pending, "members are being told to follow the primary.", told);
  if (t.hook(HookKind::Probe)) return becomeValidating(t);
  return judge(t, {});
}

Decision judge(Turn& t, const Reports& answers) {
  const std::string primary = holder(t.s);
  const bool probed = t.hook(HookKind::Probe) != nullptr;
  Choice c = choose(t.s, primary, t.wish(), answers);
  if (const std::string back = returned(t, c); !back.empty()) c.pod = back;
  t.st.candidates = toStatus(c.all);
  t.st.from = c.pod == primary ? "" : primary;
  // Nobody has the role, but who had it last may not know.
  if (const Member* former = formerPrimary(t.s); former && !t.planned() && former->name != c.pod)
    t.st.from = former->name;
  // For the record, also when its pod is gone.
  if (const std::string lost = failure(t.s).primary; t.automatic() && primary.empty() && lost != c.pod)
    t.st.from = lost;
  t.st.to = c.pod;
  if (probed && t.planned() && !primary.empty()) {
    const auto p = answers.find(primary);
    if (p == answers.end())
      return becomeRejected(t, Reason::UnhealthyReplication,
                            "the primary " + primary + " did not answer its probe, so its position is not known.");
    if (!p->second.healthy)
      return becomeRejected(t, Reason::UnhealthyReplication,
                            "the primary " + primary + " says that it is not healthy.");
    for (const auto& [pod, r] : answers)
      if (r.primary && pod != primary)
        return becomeRejected(
            t, Reason::SplitBrain,
            pod + " says that it is primary, " +
                (p->second.primary ? "and so does " + primary : "though " + primary + " has the role") + ".");
  }
  if (c.pod.empty()) return becomeRejected(t, c.reason, c.message);
  if (probed && t.planned() && primary.empty())
    for (const auto& [pod, r] : answers)
      if (r.primary && pod != c.pod)
        return becomeRejected(t, Reason::SplitBrain,
                              pod +
                                  " says that it is primary, though nobody has been granted the role: name it as the "
                                  "candidate, or make it a standby first.");
  if (t.r.spec.dryRun) return becomeDryRunDone(t, c);
  return becomeAccepted(t, c);
}

}  // namespace baton::ha
