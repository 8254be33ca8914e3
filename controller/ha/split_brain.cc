// Several members take themselves for the primary. States, each seen from what is stored and labelled:
//   found      → one write of the group: the winner is granted the role at a new epoch, condition SplitBrain
//   unlabelled → every primary label of an older epoch is taken, the winner's too
//   obeying    → demote on the others that say they are primary
//   settled    → the winner is promoted and labelled as any holder of the role; the condition ends with the claims
// A crash in between begins with what is stored; each of them allows that.
#include <algorithm>
#include <tuple>

#include "ha/failure.h"
#include "ha/turn.h"

namespace baton::ha {
namespace {

using api::HookKind;
using Kind = EffectId::Kind;

constexpr std::chrono::seconds kAgain{10};

bool claimsByProbe(const Member& m) { return m.seen.answers && m.seen.claims > 0; }

/// The epoch at which that member was granted the role; -1 when it never was: one that follows carries the epoch of the
/// primary that it follows, which says nothing of its own.
int64_t grantedAt(const Snapshot& s, const Member& m) {
  const auto& g = s.group.status;
  const bool holds = m.name == g.primary && (g.primaryUid.empty() || g.primaryUid == m.uid);
  const int64_t byLabel = m.label == Label::Primary ? m.labelEpoch : -1;
  return std::max(byLabel, holds ? g.epoch : -1);
}

/// The higher granted epoch, then the higher position; then who was granted the role last.
const Member* winner(const Snapshot& s, const std::vector<std::string>& claims) {
  const auto rank = [&](const Member& m) {
    const bool fit = m.serving && !m.terminating && !m.nodeGone;
    const int64_t position = m.seen.last && m.seen.last->position ? *m.seen.last->position : -1;
    return std::make_tuple(fit, grantedAt(s, m), position, m.name == s.group.status.primary);
  };
  const Member* best = nullptr;
  for (const auto& name : claims)
    if (const Member* m = s.member(name); m && (!best || rank(*m) > rank(*best))) best = m;
  return best;
}

Effect effect(const Snapshot& s, Kind kind, const Member& m) {
  Effect e;
  e.id.kind = kind;
  e.id.pod = m.name;
  e.epoch = s.group.status.epoch;
  e.role = "standby";
  e.primary = s.group.status.primary;
  return e;
}

/// Started unless it runs, or has failed a moment ago.
bool ensure(const Snapshot& s, Decision& d, const Effect& e, std::chrono::milliseconds pause) {
  const EffectResult* r = s.progress.find(e.id);
  if (r && r->running()) return false;
  if (r && r->resting(s.now, pause)) return d.wake(r->end + pause), true;
  d.start.push_back(e);
  return false;
}

/// True when no primary label of an older epoch is left.
bool unlabelled(const Snapshot& s, Decision& d) {
  bool none = true;
  for (const auto& m : s.members) {
    const bool granted = m.name == s.group.status.primary && m.labelEpoch == s.group.status.epoch;
    if (m.label != Label::Primary || m.finished || granted) continue;
    ensure(s, d, effect(s, Kind::SetStandby, m), std::chrono::milliseconds(200));
    none = false;
  }
  return none;
}

/// True when nobody else says that it is primary, or who does was told and could not be made to.
bool obeyed(const Snapshot& s, Decision& d) {
  bool all = true;
  for (const auto& m : s.members) {
    if (m.name == s.group.status.primary || m.finished || !claimsByProbe(m)) continue;
    bool told = true;
    if (s.spec().hook(HookKind::Demote)) {
      Effect e = effect(s, Kind::Hook, m);
      e.id.hook = HookKind::Demote;
      told = ensure(s, d, e, kAgain);
    }
    all = all && told && !s.spec().failover.fencing.required;
  }
  return all;
}

}  // namespace

bool splitBrain(const Snapshot& s, Decision& d) {
  const auto& g = s.group.status;
  // While the group is paused or held, labels are a person's to set; the condition tells all the same.
  if (isTrue(g, "Held") || s.spec().paused || neverHadPrimary(s)) return false;
  const auto claims = claimants(s);
  if (claims.empty()) return false;
  if (!isTrue(g, "SplitBrain")) {
    const Member* to = winner(s, claims);
    if (!to || epochOutOfRange(g.epoch)) return false;
    api::HaGroupStatus after = g;
    grant(s, after, *to, highestEpoch(s) + 1);
    Snapshot granted = s;
    granted.group.status = std::move(after);
    d.group = summarize(granted);
    return true;
  }
  return !unlabelled(s, d) || !obeyed(s, d);
}

}  // namespace baton::ha
