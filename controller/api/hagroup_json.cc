#include "api/hagroup.h"

#include "base/text.h"

namespace baton::api {
namespace {

// metav1.Condition allows 32768 bytes; nobody reads more than this.
constexpr size_t kLongestConditionMessage = 4096;

CrossZone crossZone(const std::string& s) {
  if (s == "Prefer") return CrossZone::Prefer;
  if (s == "Require") return CrossZone::Require;
  if (s == "Forbid") return CrossZone::Forbid;
  return CrossZone::Allow;
}

int number(const Json& j, const char* key, int otherwise) { return static_cast<int>(integer(j, key, otherwise)); }

void readFailover(const Json& f, HaGroupSpec& s) {
  const std::string mode = text(f, "mode", "Automatic");
  s.failover.mode = mode == "Observe"  ? FailoverMode::Observe
                    : mode == "Manual" ? FailoverMode::Manual
                                       : FailoverMode::Automatic;
  s.failover.delaySeconds = number(f, "delaySeconds", 0);
  s.failover.minIntervalSeconds = number(f, "minIntervalSeconds", 60);
  s.failover.maxPerHour = number(f, "maxPerHour", 6);
  const Json& back = object(f, "failBack");
  s.failover.failBack.enabled = boolean(back, "enabled");
  s.failover.failBack.stableForSeconds = number(back, "stableForSeconds", 300);
  const Json& fencing = object(f, "fencing");
  s.failover.fencing.required = boolean(fencing, "required");
  for (const auto& step : array(fencing, "steps"))
    s.failover.fencing.steps.push_back({text(step, "type") == "DeletePod" ? FenceStep::DeletePod : FenceStep::FenceHook,
                                        number(step, "timeoutSeconds", 30)});
}

MemberStatus memberFromJson(const Json& j) {
  MemberStatus m;
  m.pod = text(j, "pod");
  m.role = text(j, "role");
  m.zone = text(j, "zone");
  m.reason = text(j, "reason");
  m.ready = boolean(j, "ready");
  m.priority = integer(j, "priority", 1);
  if (j.contains("position")) m.position = integer(j, "position");
  if (j.contains("lag")) m.lag = integer(j, "lag");
  m.lastProbe = time(j, "lastProbeTime");
  return m;
}

Json toJson(const MemberStatus& m) {
  Json j = {{"pod", m.pod}, {"role", m.role.get()}, {"ready", m.ready}, {"priority", m.priority}};
  if (!m.zone.get().empty()) j["zone"] = m.zone.get();
  if (!m.reason.get().empty()) j["reason"] = m.reason.get();
  if (m.position) j["position"] = *m.position;
  if (m.lag) j["lag"] = *m.lag;
  if (m.lastProbe) j["lastProbeTime"] = formatTime(*m.lastProbe);
  return j;
}

RoleChange changeFromJson(const Json& j) {
  RoleChange c;
  c.request = text(j, "request");
  c.mode = text(j, "mode");
  c.trigger = text(j, "trigger");
  c.from = text(j, "from");
  c.to = text(j, "to");
  c.start = time(j, "startTime");
  c.completion = time(j, "completionTime");
  if (j.contains("unavailableMilliseconds")) c.unavailableMilliseconds = integer(j, "unavailableMilliseconds");
  return c;
}

Json toJson(const RoleChange& c) {
  Json j = {{"request", c.request}, {"mode", c.mode}, {"to", c.to}};
  if (!c.trigger.empty()) j["trigger"] = c.trigger;
  if (!c.from.empty()) j["from"] = c.from;
  if (c.start) j["startTime"] = formatTime(*c.start);
  if (c.completion) j["completionTime"] = formatTime(*c.completion);
  if (c.unavailableMilliseconds) j["unavailableMilliseconds"] = *c.unavailableMilliseconds;
  return j;
}

}  // namespace

bool setCondition(std::vector<Condition>& all, Condition c) {
  c.message = cutText(c.message, kLongestConditionMessage);  // as it is stored: else it would differ each time
  for (auto& have : all) {
    if (have.type != c.type) continue;
    if (have.status == c.status) c.lastTransition = have.lastTransition;
    if (have == c) return false;
    have = std::move(c);
    return true;
  }
  all.push_back(std::move(c));
  return true;
}

const Condition* findCondition(const std::vector<Condition>& all, std::string_view type) {
  for (const auto& c : all)
    if (c.type.get() == type) return &c;
  return nullptr;
}

Json conditionsToJson(const std::vector<Condition>& all) {
  Json a = Json::array();
  for (const auto& c : all) {
    Json j = {{"type", c.type.get()},
              {"status", c.status.get()},
              {"reason", c.reason.get()},
              {"message", cutText(c.message, kLongestConditionMessage)},
              {"lastTransitionTime", formatTimeSeconds(c.lastTransition)}};
    if (c.observedGeneration) j["observedGeneration"] = c.observedGeneration;
    a.push_back(std::move(j));
  }
  return a;
}

std::vector<Condition> conditionsFromJson(const Json& j) {
  std::vector<Condition> all;
  all.reserve(j.size());
  for (const auto& c : j)
    all.push_back({Interned(text(c, "type")), Interned(text(c, "status")), Interned(text(c, "reason")),
                   text(c, "message"), time(c, "lastTransitionTime").value_or(Time{}),
                   integer(c, "observedGeneration")});
  return all;
}

HaGroupSpec specFromJson(const Json& j) {
  HaGroupSpec s;
  if (auto sel = parseSelector(object(j, "selector")))
    s.selector = std::move(*sel);
  else
    s.error = "spec." + sel.error().message;
  const Json& role = object(j, "roleLabel");
  s.roleKey = text(role, "key", s.roleKey);
  s.primaryValue = text(role, "primary", s.primaryValue);
  s.standbyValue = text(role, "standby", s.standbyValue);
  if (s.primaryValue == s.standbyValue) s.error = "spec.roleLabel: primary and standby must differ";
  s.bootstrap = text(j, "bootstrap") == "Manual" ? Bootstrap::Manual : Bootstrap::Automatic;
  static const auto none = std::make_shared<const Hooks>();
  const Json& hooks = object(j, "hooks");
  s.hooks = hooks.empty() ? none : std::make_shared<const Hooks>(hooksFromJson(hooks, s.error));
  const Json& d = object(j, "detection");
  s.detection.source = text(d, "source") == "Probe" ? DetectionSource::Probe : DetectionSource::Readiness;
  s.detection.periodSeconds = number(d, "periodSeconds", 1);
  s.detection.timeoutSeconds = number(d, "timeoutSeconds", 1);
  s.detection.failureThreshold = number(d, "failureThreshold", 3);
  const Json& c = object(j, "candidatePolicy");
  s.candidatePolicy.priorityLabel = text(c, "priorityLabel", s.candidatePolicy.priorityLabel);
  s.candidatePolicy.maxLag = integer(c, "maxLag", -1);
  s.candidatePolicy.crossZone = crossZone(text(c, "crossZone"));
  const Json& w = object(j, "switchover");
  s.switchover.enabled = boolean(w, "enabled", true);
  s.switchover.minIntervalSeconds = number(w, "minIntervalSeconds", 0);
  s.switchover.catchUpTimeoutSeconds = number(w, "catchUpTimeoutSeconds", 30);
  readFailover(object(j, "failover"), s);
  s.serviceAccountName = text(j, "serviceAccountName");
  s.apis = apisFromJson(object(j, "apis"));
  s.paused = boolean(j, "paused");
  return s;
}

HaGroupStatus statusFromJson(const Json& j) {
  HaGroupStatus s;
  s.observedGeneration = integer(j, "observedGeneration");
  s.phase = groupPhaseOf(text(j, "phase"));
  s.primary = text(j, "primary");
  s.primaryUid = text(j, "primaryUID");
  s.epoch = integer(j, "epoch");
  s.originalZone = text(j, "originalZone");
  s.failBack = boolean(j, "failBack");
  s.members.reserve(array(j, "members").size());  // thousands of groups are kept for long
  for (const auto& m : array(j, "members")) s.members.push_back(memberFromJson(m));
  s.readyMembers = text(j, "readyMembers");
  s.activeRequest = text(j, "activeRequest");
  s.activeRequestUid = text(j, "activeRequestUID");
  s.formerPrimary = text(j, "formerPrimary");
  s.formerPrimaryUid = text(j, "formerPrimaryUID");
  if (const Json& c = object(j, "lastRoleChange"); !c.empty()) s.lastRoleChange = changeFromJson(c);
  for (const auto& c : array(j, "history")) s.history.push_back(changeFromJson(c));
  s.conditions = conditionsFromJson(array(j, "conditions"));
  return s;
}

Json toJson(const HaGroupStatus& s) {
  Json j = {{"observedGeneration", s.observedGeneration}, {"epoch", s.epoch}, {"readyMembers", s.readyMembers}};
  if (s.phase != GroupPhase::None) j["phase"] = name(s.phase);
  if (!s.primary.empty()) j["primary"] = s.primary;
  if (!s.primaryUid.empty()) j["primaryUID"] = s.primaryUid;
  if (!s.originalZone.empty()) j["originalZone"] = s.originalZone;
  if (s.failBack) j["failBack"] = true;
  if (!s.activeRequest.empty()) j["activeRequest"] = s.activeRequest;
  if (!s.activeRequestUid.empty()) j["activeRequestUID"] = s.activeRequestUid;
  if (!s.formerPrimary.empty()) j["formerPrimary"] = s.formerPrimary;
  if (!s.formerPrimaryUid.empty()) j["formerPrimaryUID"] = s.formerPrimaryUid;
  Json& members = j["members"] = Json::array();
  for (const auto& m : s.members) members.push_back(toJson(m));
  if (s.lastRoleChange) j["lastRoleChange"] = toJson(*s.lastRoleChange);
  if (!s.history.empty())
    for (const auto& c : s.history) j["history"].push_back(toJson(c));
  if (!s.conditions.empty()) j["conditions"] = conditionsToJson(s.conditions);
  return j;
}

HaGroup haGroupFromJson(const Json& j) {
  return {metaFromJson(object(j, "metadata")), std::make_shared<const HaGroupSpec>(specFromJson(object(j, "spec"))),
          statusFromJson(object(j, "status"))};
}

}  // namespace baton::api
