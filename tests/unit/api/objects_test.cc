// HaGroup, SwitchoverRequest and the core objects: what is written is what is read, and nothing that anybody may store
// makes reading throw.
#include <gtest/gtest.h>

#include <algorithm>

#include "api/core.h"
#include "api/hagroup.h"
#include "api/switchover.h"
#include "unit/api/hostile_json.h"

namespace baton::api {
namespace {

Json group() {
  return Json::parse(R"({
    "metadata": {"namespace": "n", "name": "g", "uid": "u", "resourceVersion": "12", "generation": 3,
                 "creationTimestamp": "2026-01-01T00:00:00Z"},
    "spec": {
      "selector": {"matchLabels": {"app": "db"}, "matchExpressions": [{"key": "x", "operator": "In", "values": ["1"]}]},
      "roleLabel": {"key": "role", "primary": "leader", "standby": "follower"},
      "bootstrap": "Manual",
      "hooks": {"probe": {"exec": {"container": "c", "command": ["probe", "x"]}, "timeoutSeconds": 2, "retries": 1},
                "promote": {"http": {"scheme": "HTTPS", "port": "admin", "path": "/p", "method": "PUT",
                                     "headersSecretRef": {"name": "s"}, "caBundle": "x", "insecureSkipVerify": true}},
                "demote": {"http": {"port": 8080}}},
      "detection": {"source": "Probe", "periodSeconds": 2, "timeoutSeconds": 3, "failureThreshold": 4},
      "candidatePolicy": {"priorityLabel": "p", "maxLag": 5, "crossZone": "Require"},
      "switchover": {"enabled": false, "minIntervalSeconds": 6, "catchUpTimeoutSeconds": 7},
      "failover": {"mode": "Observe", "delaySeconds": 1, "minIntervalSeconds": 2, "maxPerHour": 3,
                   "fencing": {"required": true, "steps": [{"type": "DeletePod", "timeoutSeconds": 9}]}},
      "serviceAccountName": "sa", "paused": true},
    "status": {"observedGeneration": 3, "phase": "Degraded", "primary": "a", "primaryUID": "ua", "epoch": 4,
      "originalZone": "z", "members": [{"pod": "a", "role": "leader", "ready": true, "zone": "z", "priority": 2,
        "position": 10, "lag": 0, "lastProbeTime": "2026-01-01T00:00:00.000001Z", "reason": "r"}],
      "readyMembers": "1/1", "activeRequest": "r1",
      "lastRoleChange": {"request": "r0", "mode": "Planned", "trigger": "user", "from": "b", "to": "a",
        "startTime": "2026-01-01T00:00:00.000000Z", "completionTime": "2026-01-01T00:00:01.000000Z",
        "unavailableMilliseconds": 12},
      "history": [{"request": "r0", "mode": "Planned", "to": "a"}],
      "conditions": [{"type": "Ready", "status": "True", "reason": "Ready", "message": "m",
                      "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 3}]}})");
}

Json request() {
  return Json::parse(R"({
    "metadata": {"namespace": "n", "name": "r", "labels": {"ha.baton.dev/trigger": "dcs"},
                 "annotations": {"ha.baton.dev/requested-by": "me"}, "deletionTimestamp": "2026-01-01T00:00:00Z"},
    "spec": {"groupRef": {"name": "g"}, "mode": "Forced", "candidate": "b", "candidateZone": "z",
             "expectedPrimary": "a", "scheduledAt": "2026-01-01T00:00:00Z", "startDeadlineSeconds": 1,
             "timeoutSeconds": 2, "onFailure": "Hold", "failBack": true, "dryRun": true, "cancel": true,
             "ttlSecondsAfterFinished": 3, "reason": "because"},
    "status": {"phase": "Failed", "reason": "PodGone", "message": "m", "epoch": 4, "from": "a", "to": "b",
      "startTime": "2026-01-01T00:00:00.000000Z", "completionTime": "2026-01-01T00:00:01.000000Z",
      "pointOfNoReturnTime": "2026-01-01T00:00:00.500000Z", "unavailableMilliseconds": 5, "targetPosition": 100,
      "candidates": [{"pod": "b", "eligible": true, "reason": "eligible", "priority": 1, "zone": "z", "position": 1,
                      "lag": 99}],
      "steps": [{"name": "Demoting", "state": "Done", "startTime": "2026-01-01T00:00:00.000000Z",
                 "endTime": "2026-01-01T00:00:01.000000Z", "attempts": 2, "message": "m"}],
      "conditions": [{"type": "Failed", "status": "True", "reason": "PodGone", "message": "m",
                      "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1}]}})");
}

TEST(Objects, GroupStatusComesBackAsItWasWritten) {
  const HaGroup g = haGroupFromJson(group());
  EXPECT_EQ(toJson(g.status), group()["status"]);
  EXPECT_EQ(statusFromJson(toJson(g.status)), g.status);
  EXPECT_EQ(statusFromJson(toJson(HaGroupStatus{})), HaGroupStatus{});
}

TEST(Objects, RequestStatusComesBackAsItWasWritten) {
  const SwitchoverRequest r = switchoverFromJson(request());
  EXPECT_EQ(toJson(r.status), request()["status"]);
  Json again = request();
  again["status"] = toJson(r.status);
  EXPECT_EQ(switchoverFromJson(again).status, r.status);
}

TEST(Objects, GroupSpecIsRead) {
  const HaGroup g = haGroupFromJson(group());
  const HaGroupSpec& s = *g.spec;
  EXPECT_EQ(s.error, "");
  EXPECT_EQ(g.meta.resourceVersion, 12u);
  EXPECT_EQ(g.meta.key(), "n/g");
  EXPECT_EQ(s.selector.requirements.size(), 2u);
  EXPECT_EQ(s.primaryValue, "leader");
  EXPECT_EQ(s.bootstrap, Bootstrap::Manual);
  EXPECT_EQ(s.candidatePolicy.crossZone, CrossZone::Require);
  EXPECT_FALSE(s.switchover.enabled);
  EXPECT_EQ(s.failover.mode, FailoverMode::Observe);
  ASSERT_EQ(s.failover.fencing.steps.size(), 1u);
  EXPECT_EQ(s.failover.fencing.steps[0].type, FenceStep::DeletePod);
  ASSERT_TRUE(s.hook(HookKind::Promote));
  const auto& http = std::get<HttpAction>(s.hook(HookKind::Promote)->action);
  EXPECT_TRUE(http.https && http.insecureSkipVerify);
  EXPECT_EQ(std::get<std::string>(http.port), "admin");
  EXPECT_EQ(http.headersSecret, "s");
  EXPECT_FALSE(s.hook(HookKind::Fence));
}

TEST(Objects, DefaultsAreTheContracts) {
  const HaGroupSpec s = specFromJson(Json::parse(R"({"selector": {"matchLabels": {"a": "b"}}})"));
  EXPECT_EQ(s.roleKey + s.primaryValue + s.standbyValue, "ha.baton.dev/roleprimarystandby");
  EXPECT_EQ(s.detection.periodSeconds * 100 + s.detection.timeoutSeconds * 10 + s.detection.failureThreshold, 113);
  EXPECT_EQ(s.candidatePolicy.maxLag, -1);
  EXPECT_EQ(s.switchover.catchUpTimeoutSeconds, 30);
  EXPECT_EQ(s.failover.minIntervalSeconds, 60);
  EXPECT_EQ(s.failover.maxPerHour, 6);
  const SwitchoverRequest r = switchoverFromJson(Json::object());
  EXPECT_EQ(r.spec.startDeadlineSeconds, 600);
  EXPECT_EQ(r.spec.timeoutSeconds, 120);
  EXPECT_EQ(r.spec.ttlSecondsAfterFinished, 86400);
  EXPECT_EQ(r.trigger, "user");
  const HaGroupSpec h = specFromJson(Json::parse(R"({"hooks": {"probe": {"exec": {"command": ["x"]}}}})"));
  EXPECT_EQ(h.hook(HookKind::Probe)->timeoutSeconds, 10);
  EXPECT_EQ(h.hook(HookKind::Probe)->retries, 3);
}

TEST(Objects, UnusableHooksAreSaid) {
  const auto error = [](const char* hooks) {
    std::string e;
    hooksFromJson(Json::parse(hooks), e);
    return e;
  };
  EXPECT_NE(error(R"({"probe": {}})").find("spec.hooks.probe: exactly one"), std::string::npos);
  EXPECT_NE(error(R"({"probe": {"exec": {}, "http": {}}})").find("exactly one"), std::string::npos);
  EXPECT_NE(error(R"({"fence": {"exec": {"command": []}}})").find("at least one word"), std::string::npos);
  EXPECT_NE(error(R"({"fence": {"http": {"port": 70000}}})").find("port"), std::string::npos);
  EXPECT_NE(error(R"({"fence": {"http": {"port": 4294967376}}})").find("port"), std::string::npos) << "is not 80";
  EXPECT_NE(error(R"({"fence": {"http": {}}})").find("port"), std::string::npos);
  EXPECT_EQ(error(R"({"fence": {"http": {"port": 1}}, "probe": null})"), "");
}

TEST(Objects, HostileJsonNeverThrows) {
  int n = 0;
  test::forEachSpoiled(group(), [&](const Json& j) {
    ++n;
    ASSERT_NO_THROW(toJson(haGroupFromJson(j).status).dump()) << j.dump().substr(0, 2000);
  });
  test::forEachSpoiled(request(), [&](const Json& j) {
    ++n;
    ASSERT_NO_THROW(toJson(switchoverFromJson(j).status).dump()) << j.dump().substr(0, 2000);
  });
  EXPECT_GT(n, 2000);
}

TEST(Objects, CoreObjects) {
  const Json node = Json::parse(R"({"metadata": {"name": "n1", "labels": {"topology.kubernetes.io/zone": "z"}},
    "spec": {"unschedulable": true, "taints": [{"key": "node.kubernetes.io/out-of-service"}]},
    "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}})");
  const Node n = nodeFromJson(node);
  EXPECT_TRUE(n.zone == "z" && n.cordoned && n.outOfService && !n.ready);
  const Json slices = Json::parse(R"({"items": [{"endpoints": [
    {"targetRef": {"kind": "Pod", "name": "a"}, "conditions": {"ready": true}},
    {"targetRef": {"kind": "Pod", "name": "b"}, "conditions": {"ready": false}},
    {"targetRef": {"kind": "Pod", "name": "c"}}, {"targetRef": {"kind": "Node", "name": "n"}}]}]})");
  const Endpoints e = endpointsFromJson(slices);
  EXPECT_EQ(e.ready, (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(e.all, (std::vector<std::string>{"a", "b", "c"}));
  const Json service = Json::parse(R"({"metadata": {"name": "s"}, "spec": {"selector": {"app": "db"}}})");
  EXPECT_EQ(serviceFromJson(service).selector.size(), 1u);
  test::forEachSpoiled(node, [](const Json& j) { ASSERT_NO_THROW(nodeFromJson(j)); });
  test::forEachSpoiled(slices, [](const Json& j) { ASSERT_NO_THROW(endpointsFromJson(j)); });
  test::forEachSpoiled(service, [](const Json& j) { ASSERT_NO_THROW(serviceFromJson(j)); });
}

TEST(Objects, WordsComeBack) {
  for (int i = 0; i <= static_cast<int>(Phase::Cancelled); ++i) {
    const auto p = static_cast<Phase>(i);
    EXPECT_EQ(phaseOf(name(p)), p);
    EXPECT_FALSE(finished(p) && started(p));
  }
  for (int i = 0; i <= static_cast<int>(Reason::SplitBrain); ++i)
    EXPECT_EQ(reasonOf(name(static_cast<Reason>(i))), static_cast<Reason>(i));
  EXPECT_EQ(phaseOf("nonsense"), Phase::None);
}

TEST(Objects, ConditionKeepsItsTimeWhileItsStatusStays) {
  std::vector<Condition> all;
  const Time first = *parseTime("2026-01-01T00:00:00Z"), later = first + std::chrono::seconds(5);
  const Interned ready("Ready");
  EXPECT_TRUE(setCondition(all, {ready, Interned("True"), Interned("a"), "", first, 0}));
  EXPECT_FALSE(setCondition(all, {ready, Interned("True"), Interned("a"), "", later, 0}));
  EXPECT_TRUE(setCondition(all, {ready, Interned("True"), Interned("b"), "", later, 0}));
  EXPECT_EQ(all[0].lastTransition, first);
  EXPECT_TRUE(setCondition(all, {ready, Interned("False"), Interned("b"), "", later, 0}));
  EXPECT_EQ(all[0].lastTransition, later);
}

}  // namespace
}  // namespace baton::api
