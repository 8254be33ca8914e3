#include "api/switchover.h"

#include "base/text.h"

namespace baton::api {
namespace {

// The CRD's bounds: a longer text would make the API server refuse the whole status.
constexpr size_t kLongestMessage = 4096, kLongestStepMessage = 1024, kLongestReason = 1024;

SwitchoverSpec specOf(const Json& j) {
  SwitchoverSpec s;
  s.group = text(object(j, "groupRef"), "name");
  s.mode = text(j, "mode") == "Forced" ? Mode::Forced : Mode::Planned;
  s.candidate = text(j, "candidate");
  s.candidateZone = text(j, "candidateZone");
  s.expectedPrimary = text(j, "expectedPrimary");
  s.scheduledAt = time(j, "scheduledAt");
  s.startDeadlineSeconds = static_cast<int>(integer(j, "startDeadlineSeconds", 600));
  s.timeoutSeconds = static_cast<int>(integer(j, "timeoutSeconds", 120));
  s.onFailure = text(j, "onFailure") == "Hold" ? OnFailure::Hold : OnFailure::RollBack;
  s.failBack = boolean(j, "failBack");
  s.dryRun = boolean(j, "dryRun");
  s.cancel = boolean(j, "cancel");
  s.ttlSecondsAfterFinished = integer(j, "ttlSecondsAfterFinished", 86400);
  s.reason = text(j, "reason");
  return s;
}

CandidateStatus candidateOf(const Json& j) {
  CandidateStatus c;
  c.pod = text(j, "pod");
  c.reason = text(j, "reason");
  c.zone = text(j, "zone");
  c.eligible = boolean(j, "eligible");
  c.priority = integer(j, "priority", 1);
  if (j.contains("position")) c.position = integer(j, "position");
  if (j.contains("lag")) c.lag = integer(j, "lag");
  return c;
}

Json toJson(const CandidateStatus& c) {
  Json j = {{"pod", c.pod},
            {"eligible", c.eligible},
            {"reason", cutText(c.reason, kLongestReason)},
            {"priority", c.priority}};
  if (!c.zone.empty()) j["zone"] = c.zone;
  if (c.position) j["position"] = *c.position;
  if (c.lag) j["lag"] = *c.lag;
  return j;
}

Json toJson(const Step& s) {
  Json j = {{"name", s.name}, {"state", name(s.state)}, {"attempts", s.attempts}};
  if (s.start) j["startTime"] = formatTime(*s.start);
  if (s.end) j["endTime"] = formatTime(*s.end);
  if (!s.message.empty()) j["message"] = cutText(s.message, kLongestStepMessage);
  return j;
}

SwitchoverStatus statusOf(const Json& j) {
  SwitchoverStatus s;
  s.phase = phaseOf(text(j, "phase"));
  s.reason = reasonOf(text(j, "reason"));
  s.message = text(j, "message");
  s.epoch = integer(j, "epoch");
  s.from = text(j, "from");
  s.to = text(j, "to");
  s.start = time(j, "startTime");
  s.completion = time(j, "completionTime");
  s.pointOfNoReturn = time(j, "pointOfNoReturnTime");
  if (j.contains("unavailableMilliseconds")) s.unavailableMilliseconds = integer(j, "unavailableMilliseconds");
  if (j.contains("targetPosition")) s.targetPosition = integer(j, "targetPosition");
  for (const auto& c : array(j, "candidates")) s.candidates.push_back(candidateOf(c));
  for (const auto& t : array(j, "steps"))
    s.steps.push_back({text(t, "name"), stepStateOf(text(t, "state")), time(t, "startTime"), time(t, "endTime"),
                       static_cast<int>(integer(t, "attempts")), text(t, "message")});
  s.conditions = conditionsFromJson(array(j, "conditions"));
  return s;
}

}  // namespace

Step& SwitchoverStatus::step(Phase p) {
  for (auto& s : steps)
    if (s.name == name(p)) return s;
  steps.push_back({std::string(name(p)), StepState::Pending, {}, {}, 0, ""});
  return steps.back();
}

const Step* SwitchoverStatus::findStep(Phase p) const {
  for (const auto& s : steps)
    if (s.name == name(p)) return &s;
  return nullptr;
}

Json toJson(const SwitchoverStatus& s) {
  Json j = Json::object();
  if (s.phase != Phase::None) j["phase"] = name(s.phase);
  if (s.reason != Reason::None) j["reason"] = name(s.reason);
  if (!s.message.empty()) j["message"] = cutText(s.message, kLongestMessage);
  if (s.epoch) j["epoch"] = s.epoch;
  if (!s.from.empty()) j["from"] = s.from;
  if (!s.to.empty()) j["to"] = s.to;
  if (s.start) j["startTime"] = formatTime(*s.start);
  if (s.completion) j["completionTime"] = formatTime(*s.completion);
  if (s.pointOfNoReturn) j["pointOfNoReturnTime"] = formatTime(*s.pointOfNoReturn);
  if (s.unavailableMilliseconds) j["unavailableMilliseconds"] = *s.unavailableMilliseconds;
  if (s.targetPosition) j["targetPosition"] = *s.targetPosition;
  for (const auto& c : s.candidates) j["candidates"].push_back(toJson(c));
  for (const auto& t : s.steps) j["steps"].push_back(toJson(t));
  if (!s.conditions.empty()) j["conditions"] = conditionsToJson(s.conditions);
  return j;
}

SwitchoverRequest switchoverFromJson(const Json& j) {
  const Json& m = object(j, "metadata");
  const Json& annotations = object(m, "annotations");
  return {metaFromJson(m),
          text(object(m, "labels"), kTriggerLabel, "user"),
          text(annotations, kRequestedByAnnotation),
          text(annotations, kApiIdAnnotation),
          specOf(object(j, "spec")),
          statusOf(object(j, "status"))};
}

}  // namespace baton::api
