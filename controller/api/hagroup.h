// HaGroup as plain structs. Fields and their meaning: the CRD in crds/.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/apis.h"
#include "api/hook.h"
#include "api/json.h"
#include "api/meta.h"
#include "api/selector.h"
#include "api/words.h"
#include "base/interned.h"

namespace baton::api {

struct HaGroupSpec {
  Selector selector;
  std::string roleKey = "ha.baton.dev/role", primaryValue = "primary", standbyValue = "standby";
  Bootstrap bootstrap = Bootstrap::Automatic;
  std::shared_ptr<const Hooks> hooks;  // never null
  struct {
    DetectionSource source = DetectionSource::Readiness;
    int periodSeconds = 1, timeoutSeconds = 1, failureThreshold = 3;
  } detection;
  struct {
    std::string priorityLabel = "ha.baton.dev/priority";
    int64_t maxLag = -1;  // in the probe's own unit; -1: any
    CrossZone crossZone = CrossZone::Allow;
  } candidatePolicy;
  struct {
    bool enabled = true;
    int minIntervalSeconds = 0, catchUpTimeoutSeconds = 30;
  } switchover;
  struct Fencing {
    struct Step {
      FenceStep type = FenceStep::FenceHook;
      int timeoutSeconds = 30;
    };
    bool required = false;
    std::vector<Step> steps;
  };
  struct {
    FailoverMode mode = FailoverMode::Automatic;
    int delaySeconds = 0, minIntervalSeconds = 60, maxPerHour = 6;
    Fencing fencing;
    struct {
      bool enabled = false;
      int stableForSeconds = 300;
    } failBack;
  } failover;
  std::string serviceAccountName;
  std::shared_ptr<const Apis> apis;  // null: no REST call means it
  bool paused = false;
  /// Not empty: what is wrong with the spec, although it is stored; requests end with InvalidSpec.
  std::string error;

  const Hook* hook(HookKind k) const { return hooks ? hooks->get(k) : nullptr; }
  /// Whether its members are asked all the time: else their readiness tells what has failed.
  bool probed() const { return detection.source == DetectionSource::Probe && hook(HookKind::Probe); }
};

struct Condition {
  Interned type, status, reason;  // the same few words in thousands of groups
  std::string message;
  Time lastTransition{};
  int64_t observedGeneration = 0;
  bool operator==(const Condition&) const = default;
};
/// Sets the condition of that type; its transition time changes only with its status. True when anything changed.
bool setCondition(std::vector<Condition>& all, Condition c);
const Condition* findCondition(const std::vector<Condition>& all, std::string_view type);
Json conditionsToJson(const std::vector<Condition>& all);
std::vector<Condition> conditionsFromJson(const Json& j);

struct MemberStatus {
  std::string pod;
  Interned role, zone, reason;
  bool ready = false;
  int64_t priority = 1;
  std::optional<int64_t> position, lag;
  std::optional<Time> lastProbe;
  bool operator==(const MemberStatus&) const = default;
};

struct RoleChange {
  std::string request, mode, trigger, from, to;
  std::optional<Time> start, completion;
  std::optional<int64_t> unavailableMilliseconds;
  bool operator==(const RoleChange&) const = default;
};

struct HaGroupStatus {
  int64_t observedGeneration = 0;
  GroupPhase phase = GroupPhase::None;
  std::string primary;     // pod that was granted the role at `epoch`
  std::string primaryUid;  // that very pod; another pod of the same name has not been granted anything
  int64_t epoch = 0;
  std::string originalZone;
  bool failBack = false;  // the last change of roles was asked for with spec.failBack
  std::vector<MemberStatus> members;
  std::string readyMembers;
  std::string activeRequest;
  std::string activeRequestUid;  // that very request; another one of the same name is not active
  // Who had the role last, when it was taken away without being given to somebody else. It may not know.
  std::string formerPrimary, formerPrimaryUid;
  std::optional<RoleChange> lastRoleChange;
  std::vector<RoleChange> history;  // newest first
  std::vector<Condition> conditions;
  bool operator==(const HaGroupStatus&) const = default;
};

struct HaGroup {
  Meta meta;
  std::shared_ptr<const HaGroupSpec> spec;  // never null
  HaGroupStatus status;
};

HaGroupSpec specFromJson(const Json& j);
HaGroupStatus statusFromJson(const Json& j);
Json toJson(const HaGroupStatus& s);
HaGroup haGroupFromJson(const Json& j);

}  // namespace baton::api
