#include "unit/ha/trace.h"

#include <cstdio>

#include "unit/ha/world.h"

namespace baton::ha::test {

using Kind = EffectId::Kind;

namespace {

std::string orNobody(const std::string& s) { return s.empty() ? "-" : s; }

std::string labelText(const Member& m) {
  static constexpr const char* words[] = {"none", "primary", "standby", "other"};
  std::string s = words[static_cast<size_t>(m.label)];
  if (m.labelEpoch >= 0) s += "@" + std::to_string(m.labelEpoch);
  return s;
}

std::string stepsText(const api::SwitchoverStatus& st) {
  std::string s;
  for (const auto& x : st.steps) s += (s.empty() ? "" : " ") + x.name + ":" + std::string(name(x.state));
  return s;
}

std::string endText(const api::SwitchoverRequest& r) {
  const auto& st = r.status;
  std::string s = "= request " + r.meta.name + " " + (st.phase == api::Phase::None ? "-" : std::string(name(st.phase)));
  if (st.reason != api::Reason::None) s += " " + std::string(name(st.reason));
  if (!st.from.empty() || !st.to.empty()) s += " " + orNobody(st.from) + "->" + orNobody(st.to);
  if (st.epoch) s += " epoch=" + std::to_string(st.epoch);
  if (st.unavailableMilliseconds) s += " unavailable=" + std::to_string(*st.unavailableMilliseconds) + "ms";
  s += "\n    " + st.message;
  if (!st.steps.empty()) s += "\n    " + stepsText(st);
  if (r.spec.dryRun || st.phase == api::Phase::Rejected)
    for (const auto& c : st.candidates) s += "\n    candidate " + c.pod + ": " + c.reason;
  return s + "\n";
}

}  // namespace

std::string effectName(const EffectId& id) {
  switch (id.kind) {
    case Kind::Hook:
      return std::string(api::name(id.hook));
    case Kind::SetPrimary:
      return "SetPrimary";
    case Kind::SetStandby:
      return "SetStandby";
    case Kind::MarkFollowed:
      return "MarkFollowed";
    case Kind::CheckRouting:
      return "CheckRouting";
    case Kind::DeletePod:
      return "DeletePod";
  }
  return "?";
}

std::string effectText(const EffectId& id) { return effectName(id) + " " + id.pod; }

std::string stamp(Time t) {
  static const Time zero = *parseTime("2026-01-01T00:00:00Z");
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(t - zero).count();
  char b[48];
  std::snprintf(b, sizeof b, "%.3f", static_cast<double>(ms) / 1000.0);
  return b;
}

std::string startText(const Effect& e) {
  std::string s = effectText(e.id) + " epoch=" + std::to_string(e.epoch);
  if (e.id.kind == Kind::Hook && e.id.hook != api::HookKind::Probe) s += " role=" + e.role + " primary=" + e.primary;
  if (e.id.round) s += " round=" + std::to_string(e.id.round);
  if (e.listener.ends) s += " ends=" + std::to_string(e.listener.ends);
  if (!e.listener.ready) s += " unready";
  if (e.tries) s += " tries=" + std::to_string(e.tries);
  if (e.timeoutSeconds) s += " timeout=" + std::to_string(e.timeoutSeconds) + "s";
  return s;
}

std::string requestText(const api::SwitchoverRequest& before, const api::SwitchoverStatus& st) {
  const auto& old = before.status.phase;
  std::string s = "store request " + before.meta.name + ": ";
  if (old != st.phase) s += (old == api::Phase::None ? "-" : std::string(name(old))) + " -> ";
  s += std::string(name(st.phase));
  if (st.reason != api::Reason::None) s += " " + std::string(name(st.reason));
  if (st.epoch) s += " epoch=" + std::to_string(st.epoch);
  return s;
}

std::string groupText(const api::HaGroupStatus& g) {
  std::string s = "store group: " + std::string(name(g.phase)) + " primary=" + orNobody(g.primary) +
                  " epoch=" + std::to_string(g.epoch);
  if (!g.activeRequest.empty()) s += " active=" + g.activeRequest;
  return s;
}

std::string stateText(const Snapshot& s) {
  const auto& g = s.group.status;
  std::string out = "= group " + std::string(name(g.phase)) + " primary=" + orNobody(g.primary) +
                    " epoch=" + std::to_string(g.epoch) + " ready=" + g.readyMembers;
  if (!g.activeRequest.empty()) out += " active=" + g.activeRequest;
  for (const char* type : {"Held", "SplitBrain", "Conflict"})
    if (const auto* c = findCondition(g.conditions, type); c && c->status == "True") out += " " + std::string(type);
  // A scenario that is not about failover has it switched off.
  if (const auto* c = findCondition(g.conditions, "FailoverBlocked"); c && c->reason.get() != "Manual")
    out += c->status == "True" ? " blocked=" + c->reason.get() : " unblocked";
  if (g.lastRoleChange) out += " last=" + g.lastRoleChange->request;
  out += "\n= pods";
  for (const auto& m : s.members) out += " " + m.name + ":" + labelText(m);
  out += "\n";
  for (const auto& r : s.requests) out += endText(r);
  return out;
}

}  // namespace baton::ha::test
