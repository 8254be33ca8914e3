#include "ha/failure.h"

#include <algorithm>

#include "ha/guards.h"

namespace baton::ha {
namespace {

/// Why that pod can't be primary; empty when it can.
std::string trouble(const Snapshot& s, const Member& m) {
  if (m.finished) return "its containers have ended";
  if (m.nodeGone) return "its node is gone or out of service";
  if (m.terminating && !m.serving) return "it is being deleted, and not ready or given no time";
  if (s.spec().probed()) return m.seen.failed ? "its probe fails: " + m.seen.why : "";
  return m.serving ? "" : "it is not ready";
}

bool saidFailed(const api::HaGroupStatus& g) {
  const api::Condition* c = findCondition(g.conditions, "PrimaryAvailable");
  return c && c->status == "False" && c->reason.get() == "PrimaryFailed";
}

/// Conditions are stored in whole seconds: what they say is over for certain a second later.
Time storedSince(const Snapshot& s, const api::HaGroupStatus& g) {
  const api::Condition* c = findCondition(g.conditions, "PrimaryAvailable");
  if (!c || c->status != "False") return s.now;
  return std::min(s.now, c->lastTransition + std::chrono::seconds(1));
}

/// Two answers in a row.
bool claims(const Member& m) { return m.seen.claims >= 2 && m.seen.answers; }

}  // namespace

Failure failure(const Snapshot& s) { return failure(s, s.group.status); }

Failure failure(const Snapshot& s, const api::HaGroupStatus& g) {
  Failure f;
  if (neverHadPrimary(s)) return f;
  f.primary = g.primary.empty() ? g.formerPrimary : g.primary;
  f.since = storedSince(s, g);
  if (g.primary.empty()) {
    f.failed = labelledPrimaries(s).empty();
    f.why = "nobody has the role";
    return f;
  }
  const Member* m = s.pod(g.primary);
  const bool another = m && !g.primaryUid.empty() && m->uid != g.primaryUid;
  f.why = !m ? "its pod is gone" : another ? "its pod is gone, another one has its name" : trouble(s, *m);
  if (f.why.empty() && !s.member(g.primary)) f.why = "the selector does not match its pod any more";
  f.failed = !f.why.empty();
  const bool heard = m && (m->seen.answers || m->seen.silent);
  f.unknown = !f.failed && s.spec().probed() && !heard && saidFailed(g);
  return f;
}

bool silent(const Snapshot& s, const Member& m) {
  if (m.nodeGone || m.finished) return true;
  return s.spec().probed() && m.seen.silent && m.seen.failed;
}

std::vector<std::string> claimants(const Snapshot& s) {
  // Who was granted the role because of that stays one of them without its label, until the others claim no more.
  const bool known = isTrue(s.group.status, "SplitBrain");
  std::vector<std::string> all;
  for (const auto& m : s.members) {
    const bool won = known && m.name == holder(s);
    if (!m.finished && (m.label == Label::Primary || won || claims(m))) all.push_back(m.name);
  }
  if (all.size() < 2) all.clear();
  return all;
}

}  // namespace baton::ha
