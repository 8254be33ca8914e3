// SwitchoverRequest as plain structs. Fields and their meaning: the CRD in crds/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/hagroup.h"
#include "api/json.h"
#include "api/meta.h"
#include "api/words.h"

namespace baton::api {

struct SwitchoverSpec {
  std::string group;
  Mode mode = Mode::Planned;
  std::string candidate, candidateZone, expectedPrimary;
  std::optional<Time> scheduledAt;
  int startDeadlineSeconds = 600, timeoutSeconds = 120;
  OnFailure onFailure = OnFailure::RollBack;
  bool failBack = false, dryRun = false, cancel = false;
  int64_t ttlSecondsAfterFinished = 86400;
  std::string reason;
};

struct CandidateStatus {
  std::string pod, reason, zone;
  bool eligible = false;
  int64_t priority = 1;
  std::optional<int64_t> position, lag;
  bool operator==(const CandidateStatus&) const = default;
};

struct Step {
  std::string name;
  StepState state = StepState::Pending;
  std::optional<Time> start, end;
  int attempts = 0;
  std::string message;
  bool operator==(const Step&) const = default;
};

struct SwitchoverStatus {
  Phase phase = Phase::None;
  Reason reason = Reason::None;
  std::string message;
  int64_t epoch = 0;
  std::string from, to;
  std::optional<Time> start, completion, pointOfNoReturn;
  std::optional<int64_t> unavailableMilliseconds, targetPosition;
  std::vector<CandidateStatus> candidates;
  std::vector<Step> steps;
  std::vector<Condition> conditions;
  bool operator==(const SwitchoverStatus&) const = default;

  Step& step(Phase p);  // made when it is not there
  const Step* findStep(Phase p) const;
};

struct SwitchoverRequest {
  Meta meta;
  std::string trigger;      // label ha.baton.dev/trigger; "user" when there is none
  std::string requestedBy;  // annotation ha.baton.dev/requested-by
  std::string calledId;     // annotation ha.baton.dev/api-id: by what a REST call called the group
  SwitchoverSpec spec;
  SwitchoverStatus status;
};

Json toJson(const SwitchoverStatus& s);
SwitchoverRequest switchoverFromJson(const Json& j);

}  // namespace baton::api
