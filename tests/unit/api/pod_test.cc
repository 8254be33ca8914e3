// Pods as the API server sends them, and as it never should.
#include "api/pod.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "unit/api/hostile_json.h"

namespace baton::api {
namespace {

const char* const kPod = R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"db-0","generateName":"db-",
"namespace":"prod","uid":"6c2f","resourceVersion":"812","generation":1,"creationTimestamp":"2026-11-22T04:00:00Z",
"deletionTimestamp":"2026-11-22T05:00:00Z","deletionGracePeriodSeconds":0,"labels":{"app":"db","ha.baton.dev/role":"primary","quote":"a\"b\u00e9"},
"annotations":{"ha.baton.dev/epoch":"7","ha.baton.dev/group":"g","other":"x\\y"},
"ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"db","uid":"1","controller":true}],
"managedFields":[{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1",
"time":"2026-11-22T04:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},
"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{".":{},"f:status":{}}},"f:phase":{},"f:podIP":{}}}}]},
"spec":{"volumes":[{"name":"data"}],"containers":[{"name":"db","image":"db:1","ports":[
{"name":"admin","containerPort":8081,"protocol":"TCP"},{"containerPort":5432}],"env":[{"name":"name","value":"v"}]},
{"name":"side","ports":[{"name":"metrics","containerPort":9090}]}],"nodeName":"node-1"},
"status":{"phase":"Running","conditions":[{"type":"PodScheduled","status":"True"},{"type":"Ready","status":"True"}],
"hostIP":"10.0.0.1","podIP":"10.1.0.5","podIPs":[{"ip":"10.1.0.5"}],"containerStatuses":[{"name":"db","ready":true,
"state":{"running":{"startedAt":"2026-11-22T04:00:00Z"}}}]}})";

std::string event(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}";
}

void expectIsDb0(const Pod& p) {
  EXPECT_EQ(p.meta.key(), "prod/db-0");
  EXPECT_EQ(p.meta.uid, "6c2f");
  EXPECT_EQ(p.meta.resourceVersion, 812u);
  EXPECT_TRUE(p.meta.deleted.has_value());
  EXPECT_TRUE(p.killed);
  EXPECT_EQ(formatTimeSeconds(p.meta.created), "2026-11-22T04:00:00Z");
  EXPECT_EQ(p.labels.size(), 3u);
  ASSERT_TRUE(p.label("quote"));
  EXPECT_EQ(*p.label("quote"), "a\"b\u00e9");
  EXPECT_EQ(p.label("none"), nullptr);
  EXPECT_EQ(p.epochAnnotation, "7");
  EXPECT_EQ(p.groupAnnotation.get(), "g");
  EXPECT_EQ(p.node.get(), "node-1");
  EXPECT_EQ(p.ip, "10.1.0.5");
  EXPECT_EQ(p.firstContainer.get(), "db");
  ASSERT_EQ(p.ports.size(), 2u);
  EXPECT_EQ(p.ports[1].name.get(), "metrics");
  EXPECT_EQ(p.ports[1].port, 9090);
  EXPECT_TRUE(p.ready && !p.finished);
}

TEST(PodEvent, IsDecoded) {
  const auto e = decodePodEvent(event("MODIFIED", kPod));
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(e->type, "MODIFIED");
  EXPECT_FALSE(e->initialEventsEnd);
  expectIsDb0(e->pod);
}

TEST(PodEvent, BookmarkWithTheEndOfTheInitialEvents) {
  const auto e = decodePodEvent(
      R"({"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"900",)"
      R"("creationTimestamp":null,"annotations":{"k8s.io/initial-events-end":"true"}},"spec":{"containers":null},)"
      R"("status":{}}})");
  ASSERT_TRUE(e.ok());
  EXPECT_TRUE(e->initialEventsEnd);
  EXPECT_EQ(e->pod.meta.resourceVersion, 900u);
}

TEST(PodEvent, ErrorIsAStatusObject) {
  const auto e = decodePodEvent(R"j({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},
    "status":"Failure","message":"too old resource version: 1 (812)","reason":"Expired","code":410}})j");
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(e->errorCode, 410);
  EXPECT_EQ(e->errorMessage, "too old resource version: 1 (812)");
}

TEST(PodEvent, FinishedAndNotReady) {
  const auto e = decodePodEvent(event(
      "ADDED",
      R"({"metadata":{"name":"x"},"status":{"phase":"Failed","conditions":[{"status":"False","type":"Ready"}]}})"));
  ASSERT_TRUE(e.ok());
  EXPECT_TRUE(e->pod.finished && !e->pod.ready);
}

TEST(PodEvent, HowOftenContainersHaveEnded) {
  const auto ends = [](const std::string& statuses) {
    return decodePod(R"({"metadata":{"name":"x"},"status":{"containerStatuses":)" + statuses + "}}")->containerEnds;
  };
  EXPECT_EQ(ends("null"), 0);
  EXPECT_EQ(ends(R"([{"restartCount":0,"state":{"waiting":{"reason":"ContainerCreating"}}}])"), 0);
  EXPECT_EQ(ends(R"([{"restartCount":0,"lastState":{},"state":{"running":{}}}])"), 0);
  EXPECT_EQ(ends(R"([{"restartCount":0,"lastState":{},"state":{"terminated":{"exitCode":137}}}])"), 1);
  EXPECT_EQ(
      ends(R"([{"restartCount":0,"lastState":{"terminated":{}},"state":{"waiting":{"reason":"CrashLoopBackOff"}}}])"),
      1);
  EXPECT_EQ(ends(R"([{"restartCount":1,"lastState":{"terminated":{}},"state":{"running":{}}}])"), 1) << "started anew";
  EXPECT_EQ(ends(R"([{"state":{"terminated":{}},"restartCount":1},{"restartCount":2,"state":{"running":{}}}])"), 4);
}

TEST(PodEvent, EveryTruncationIsAnErrorOrHarmless) {
  const std::string whole = event("ADDED", kPod);
  for (size_t n = 0; n < whole.size(); ++n) ASSERT_NO_THROW((void)decodePodEvent(whole.substr(0, n)).ok()) << n;
  EXPECT_FALSE(decodePodEvent(whole.substr(0, whole.size() / 2)).ok());
  EXPECT_FALSE(decodePodEvent("").ok());
}

TEST(PodEvent, GarbageIsAnError) {
  const std::string bad[] = {"x",
                             "[]",
                             "null",
                             "7",
                             "\"s\"",
                             "\xff\xfe",
                             "{\"type\":7}",

                             std::string(100000, '['),
                             std::string(1000, '\0')};
  for (const auto& b : bad) EXPECT_FALSE(decodePodEvent(b).ok()) << b.substr(0, 40);
}

// A pod without a name is nobody's.
TEST(PodEvent, AnObjectThatIsNoPodIsAnError) {
  for (const char* object : {"7", "[]", "null", "{}", R"({"metadata":{}})", R"({"metadata":{"name":7}})"})
    EXPECT_FALSE(decodePodEvent(event("ADDED", object)).ok()) << object;
}

TEST(PodEvent, EveryByteChangedIsSurvived) {
  const std::string whole = event("ADDED", kPod);
  for (const char c : {'\0', '"', '{', '}', ',', '\\', '\xff', '9'})
    for (size_t i = 0; i < whole.size(); ++i) {
      std::string s = whole;
      s[i] = c;
      ASSERT_NO_THROW((void)decodePodEvent(s).ok()) << i;
    }
}

TEST(PodEvent, HostileTypesNeverThrow) {
  test::forEachSpoiled(nlohmann::json::parse(event("ADDED", kPod)), [](const nlohmann::json& j) {
    const std::string s = j.dump();
    ASSERT_NO_THROW((void)decodePodEvent(s).ok());
  });
}

TEST(PodEvent, HugeIsRead) {
  const std::string big(8u << 20, 'm');
  const auto e = decodePodEvent(event(
      "ADDED", R"({"metadata":{"name":"x","annotations":{"big":")" + big + R"("}},"status":{"podIP":"1.2.3.4"}})"));
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(e->pod.ip, "1.2.3.4");
}

TEST(PodList, IsDecoded) {
  const auto l =
      decodePodList(std::string(R"({"kind":"PodList","metadata":{"resourceVersion":"99","continue":"abc",)") +
                    R"("remainingItemCount":3},"items":[)" + kPod + "," + kPod + "]}");
  ASSERT_TRUE(l.ok());
  EXPECT_EQ(l->resourceVersion, 99u);
  EXPECT_EQ(l->continueToken, "abc");
  ASSERT_EQ(l->items.size(), 2u);
  expectIsDb0(l->items[1]);
  EXPECT_FALSE(decodePodList("<html>").ok());
  EXPECT_TRUE(decodePodList(R"({"metadata":{"resourceVersion":"1"},"items":null})").ok());
}

// Read as a list without pods, it would say that every member is gone.
TEST(PodList, WhatIsNoListIsAnError) {
  for (const char* s : {"[]", "7", "null", "{}", R"({"items":{}})", R"({"items":7})", R"({"items":[7]})",
                        R"({"kind":"Status","status":"Failure","code":500})"})
    EXPECT_FALSE(decodePodList(s).ok()) << s;
}

TEST(WithMetadata, TakesLabelsAnnotationsAndVersionAlone) {
  const Pod before = decodePodEvent(event("ADDED", kPod))->pod;
  const auto after =
      withMetadata(before, R"({"kind":"PartialObjectMetadata","metadata":{"name":"db-0","namespace":"prod",
    "uid":"6c2f","resourceVersion":"813","labels":{"app":"db","ha.baton.dev/role":"standby"},
    "annotations":{"ha.baton.dev/epoch":"8"}}})");
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(*after->label("ha.baton.dev/role"), "standby");
  EXPECT_EQ(after->epochAnnotation, "8");
  EXPECT_EQ(after->groupAnnotation.get(), "");
  EXPECT_EQ(after->meta.resourceVersion, 813u);
  EXPECT_FALSE(after->meta.deleted.has_value());
  EXPECT_EQ(after->ip, before.ip);
  EXPECT_TRUE(after->ready);
  EXPECT_FALSE(sameToUs(before, *after));
  EXPECT_FALSE(withMetadata(before, "nonsense").ok());
}

TEST(PodEvent, OnlyACountIsHowOftenContainersHadEnded) {
  const std::pair<const char*, int> annotations[] = {{"0", 0},   {"3", 3},   {"", -1},           {"-1", -1},
                                                     {"2x", -1}, {" 2", -1}, {"99999999999", -1}};
  for (const auto& [annotation, ends] : annotations) {
    const std::string pod = R"({"metadata":{"name":"db-0","annotations":{"ha.baton.dev/container-ends":")" +
                            std::string(annotation) + R"("}}})";
    EXPECT_EQ(decodePodEvent(event("ADDED", pod))->pod.endsWhenFollowed, ends) << '"' << annotation << '"';
  }
  const Pod told = decodePodEvent(event("ADDED", kPod))->pod;
  EXPECT_EQ(told.endsWhenFollowed, -1);
  const auto marked = withMetadata(told, R"({"metadata":{"annotations":{"ha.baton.dev/container-ends":"3"}}})");
  EXPECT_EQ(marked->endsWhenFollowed, 3);
  EXPECT_FALSE(sameToUs(told, *marked));
  EXPECT_EQ(withMetadata(*marked, R"({"metadata":{"annotations":{}}})")->endsWhenFollowed, -1);
  EXPECT_EQ(withMetadata(*marked, R"({"metadata":{}})")->endsWhenFollowed, -1);
}

TEST(SameToUs, TheVersionAloneIsNoDifference) {
  const Pod a = decodePodEvent(event("ADDED", kPod))->pod;
  Pod b = a;
  b.meta.resourceVersion = 900;
  EXPECT_TRUE(sameToUs(a, b));
  b.ready = false;
  EXPECT_FALSE(sameToUs(a, b));
  b = a;
  ++b.containerEnds;
  EXPECT_FALSE(sameToUs(a, b));
}

}  // namespace
}  // namespace baton::api
