#include "reconcile/announcer.h"

#include "base/log.h"

namespace baton::reconcile {
namespace {

using api::Phase;

const char* kBatonVersion = "ha.baton.dev/v1alpha1";

bool bad(Phase p) {
  return p == Phase::Rejected || p == Phase::Failed || p == Phase::RolledBack || p == Phase::RollingBack;
}

/// A phase's own sentence; the status' message where it says more.
std::string note(const api::SwitchoverRequest& r) {
  const auto& st = r.status;
  std::string n = "request " + r.meta.name + ": ";
  switch (st.phase) {
    case Phase::Demoting:
      return n + "demoting " + st.from + ", the role goes to " + st.to + ".";
    case Phase::CatchingUp:
      return n + "waiting until " + st.to + " has all that " + st.from + " had.";
    case Phase::Fencing:
      return n + "fencing " + st.from + ".";
    case Phase::Promoting:
      return n + "promoting " + st.to + " at epoch " + std::to_string(st.epoch) + ".";
    default:
      return n + st.message;
  }
}

std::string dedupe(const api::SwitchoverRequest& r) { return r.meta.uid + "/" + std::string(name(r.status.phase)); }

double secondsOf(const api::Step& s) {
  return s.start && s.end ? std::chrono::duration<double>(*s.end - *s.start).count() : 0;
}

}  // namespace

kube::ObjectReference reference(const api::HaGroup& g) {
  return {kBatonVersion, "HaGroup", g.meta.ns, g.meta.name, g.meta.uid, std::to_string(g.meta.resourceVersion)};
}
kube::ObjectReference reference(const api::SwitchoverRequest& r) {
  return {kBatonVersion, "SwitchoverRequest", r.meta.ns,
          r.meta.name,   r.meta.uid,          std::to_string(r.meta.resourceVersion)};
}
kube::ObjectReference reference(const api::Pod& p) {
  return {"v1", "Pod", p.meta.ns, p.meta.name, p.meta.uid, std::to_string(p.meta.resourceVersion)};
}

kube::Occurrence Announcer::ending(const api::SwitchoverRequest& r) {
  kube::Occurrence o;
  o.regarding = reference(r);
  o.severity = bad(r.status.phase) ? kube::Severity::Warning : kube::Severity::Normal;
  o.reason =
      r.status.reason == api::Reason::None ? std::string(name(r.status.phase)) : std::string(name(r.status.reason));
  o.action = "Switchover";
  o.note = note(r);
  o.dedupeKey = dedupe(r);
  o.urgent = true;
  return o;
}

void Announcer::occur(const kube::ObjectReference& about, const api::SwitchoverRequest& r, const char* action,
                      const kube::ObjectReference* related) {
  kube::Occurrence o = ending(r);
  o.regarding = about;
  o.action = action;
  // The end of a request is what people wait for; all else may come later.
  o.urgent = api::finished(r.status.phase) && about.kind == "SwitchoverRequest";
  if (!api::finished(r.status.phase)) o.reason = std::string(name(r.status.phase));
  if (related) o.related = *related;
  events_.record(std::move(o));
}

void Announcer::request(const api::SwitchoverRequest& before, const api::SwitchoverRequest& after,
                        const api::HaGroup* group, const api::Pod* from, const api::Pod* to) {
  const Phase was = before.status.phase, is = after.status.phase;
  if (was == is) return;
  log::write(bad(is) ? log::Level::Warn : log::Level::Info, "request is " + std::string(name(is)),
             {{"namespace", after.meta.ns},
              {"group", after.spec.group},
              {"request", after.meta.name},
              {"phase", name(is)},
              {"reason", name(after.status.reason)},
              {"detail", after.status.message},
              {"from", after.status.from},
              {"to", after.status.to},
              {"epoch", after.status.epoch}});
  for (const auto& s : after.status.steps) {
    const api::Step* old = before.status.findStep(api::phaseOf(s.name));
    if (s.end && s.state != api::StepState::Skipped && !(old && old->end))
      metrics_.phaseLeft(api::phaseOf(s.name), secondsOf(s));
  }
  if (api::finished(is) && !after.spec.dryRun) {
    // Any name may stand in a request; only groups that exist get series of their own.
    api::SwitchoverRequest counted = after;
    if (!group) counted.spec.group.clear();
    metrics_.ended(counted, counted.status);
  }
  const auto self = reference(after);
  std::optional<kube::ObjectReference> of;
  if (group) of = reference(*group);
  occur(self, after, "Switchover", of ? &*of : nullptr);
  if (is == Phase::Pending || is == Phase::Queued || is == Phase::Scheduled || !group || after.spec.dryRun) return;
  // The group tells that a role change began and how it ended; what lies between stands with the request.
  if (api::finished(is) || is == Phase::RollingBack || !api::started(was)) occur(*of, after, "Switchover", &self);
  if ((is == Phase::Demoting || is == Phase::Fencing || is == Phase::RollingBack) && from)
    occur(reference(*from), after, is == Phase::RollingBack ? "Promote" : "Demote", &self);
  if (is == Phase::Promoting && to) occur(reference(*to), after, "Promote", &self);
}

void Announcer::blocked(const api::HaGroup& before, const api::HaGroup& after) {
  const auto* was = api::findCondition(before.status.conditions, "FailoverBlocked");
  const auto* is = api::findCondition(after.status.conditions, "FailoverBlocked");
  if (!is || is->status != "True") return;
  if (was && was->status == "True" && was->reason == is->reason) return;
  log::warn("a failover is needed and not made", {{"namespace", after.meta.ns},
                                                  {"group", after.meta.name},
                                                  {"reason", is->reason.get()},
                                                  {"detail", is->message}});
  kube::Occurrence o;
  o.regarding = reference(after);
  o.severity = kube::Severity::Warning;
  o.action = "Observe";
  o.reason = "WouldFailOver";
  o.note = is->reason.get() + ": " + is->message;
  events_.record(std::move(o));
}

void Announcer::group(const api::HaGroup& before, const api::HaGroup& after) {
  const auto& a = before.status;
  const auto& b = after.status;
  const bool granted = b.epoch != a.epoch;
  blocked(before, after);
  if (a.phase == b.phase && !granted) return;
  log::info("group is " + std::string(name(b.phase)), {{"namespace", after.meta.ns},
                                                       {"group", after.meta.name},
                                                       {"phase", name(b.phase)},
                                                       {"primary", b.primary},
                                                       {"epoch", b.epoch}});
  kube::Occurrence o;
  o.regarding = reference(after);
  o.action = "Observe";
  if (granted && b.activeRequest.empty()) {  // not by a request: those tell of themselves
    o.reason = "RoleGranted";
    o.note = b.primary + " has the primary role at epoch " + std::to_string(b.epoch) + ".";
    o.dedupeKey = after.meta.uid + "/epoch/" + std::to_string(b.epoch);
    events_.record(o);
  }
  if (b.phase == api::GroupPhase::NoPrimary || b.phase == api::GroupPhase::SplitBrain) {
    o.severity = kube::Severity::Warning;
    o.reason = std::string(name(b.phase));
    o.dedupeKey.clear();
    const auto* c =
        api::findCondition(b.conditions, b.phase == api::GroupPhase::SplitBrain ? "SplitBrain" : "PrimaryAvailable");
    o.note = c ? c->message : "";
    events_.record(o);
  }
}

}  // namespace baton::reconcile
