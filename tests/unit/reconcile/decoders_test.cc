// The watched kinds from JSON, and what is said of those that can't be read.
#include "reconcile/decoders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/reconcile/objects.h"

namespace baton::reconcile {
namespace {

using kube::EventType;
using testing::HasSubstr;
using testing::IsEmpty;

std::string event(const std::string& type, const Json& object) {
  return Json{{"type", type}, {"object", object}}.dump();
}
std::string list(const std::vector<Json>& items, const std::string& more = "") {
  Json l = {{"metadata", {{"resourceVersion", "77"}, {"continue", more}}}, {"items", Json::array()}};
  for (const auto& i : items) l["items"].push_back(i);
  return l.dump();
}
/// Its spec's error, in a watch event.
std::string errorOf(const Json& spec, bool multiTenant = false) {
  const auto e = groupDecoder(multiTenant).decodeEvent(event("ADDED", groupJson("orders", spec)));
  EXPECT_TRUE(e.ok() && e->object);
  return e.ok() && e->object ? e->object->spec->error : "not decoded";
}
Json hook(const char* name) {
  return Json::parse(std::string(R"({"hooks": {")") + name + R"(": {"exec": {"command": ["x"]}}}})");
}

template <class T>
void expectReads(const kube::Decoder<T>& decoder, const Json& object, const std::string& key) {
  const std::pair<const char*, EventType> types[] = {
      {"ADDED", EventType::Added}, {"MODIFIED", EventType::Modified}, {"DELETED", EventType::Deleted}};
  for (const auto& [word, type] : types) {
    const auto e = decoder.decodeEvent(event(word, object));
    ASSERT_TRUE(e.ok()) << e.error().message;
    EXPECT_EQ(e->head.type, type);
    EXPECT_EQ(e->head.resourceVersion, 1U);
    ASSERT_TRUE(e->object);
    EXPECT_EQ(e->object->meta.key(), key);
    EXPECT_EQ(e->object->meta.resourceVersion, 1U);
  }
  const auto page = decoder.decodeList(list({object, object}, "next"));
  ASSERT_TRUE(page.ok()) << page.error().message;
  EXPECT_EQ(page->items.size(), 2U);
  EXPECT_THAT(page->skipped, IsEmpty());
  EXPECT_EQ(page->head.resourceVersion, 77U);
  EXPECT_EQ(page->head.continueToken, "next");
}

TEST(Decoders, ReadEachKind) {
  expectReads(groupDecoder(false), groupJson("orders"), "shop/orders");
  expectReads(groupDecoder(true), groupJson("orders"), "shop/orders");
  expectReads(requestDecoder(), requestJson("move-1", "orders"), "shop/move-1");
  expectReads(podDecoder(), podJson("orders-0", {}), "shop/orders-0");
  expectReads(serviceDecoder(), {{"metadata", metadata("orders")}}, "shop/orders");
  Json node = {{"metadata", metadata("n1")}};
  node["metadata"].erase("namespace");
  expectReads(nodeDecoder(), node, "/n1");
}

template <class T>
void expectTellsOfTheStream(const kube::Decoder<T>& decoder) {
  const Json end = {
      {"metadata", {{"resourceVersion", "88"}, {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}};
  const auto bookmark = decoder.decodeEvent(event("BOOKMARK", end));
  ASSERT_TRUE(bookmark.ok()) << bookmark.error().message;
  EXPECT_EQ(bookmark->head.type, EventType::Bookmark);
  EXPECT_EQ(bookmark->head.resourceVersion, 88U);
  EXPECT_TRUE(bookmark->head.initialEventsEnd);
  EXPECT_FALSE(bookmark->object);

  const Json status = {{"kind", "Status"},
                       {"status", "Failure"},
                       {"code", 410},
                       {"reason", "Expired"},
                       {"message", "too old resource version"}};
  const auto error = decoder.decodeEvent(event("ERROR", status));
  ASSERT_TRUE(error.ok()) << error.error().message;
  EXPECT_EQ(error->head.type, EventType::Error);
  EXPECT_FALSE(error->object);
  ASSERT_TRUE(error->head.error);
  EXPECT_EQ(error->head.error->kind, Error::Kind::Gone);
  EXPECT_EQ(error->head.error->httpStatus, 410);
  EXPECT_THAT(error->head.error->message, HasSubstr("too old resource version"));
}

TEST(Decoders, TellBookmarksAndErrors) {
  expectTellsOfTheStream(groupDecoder(false));
  expectTellsOfTheStream(requestDecoder());
  expectTellsOfTheStream(podDecoder());
  expectTellsOfTheStream(nodeDecoder());
  expectTellsOfTheStream(serviceDecoder());
}

TEST(Decoders, AnErrorNestedDeeplyIsNoneThatCanBeTold) {
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  const auto e =
      podDecoder().decodeEvent(R"({"type":"ERROR","object":{"kind":"Status","code":410,"details":)" + deep + "}}");
  ASSERT_TRUE(e.ok());
  ASSERT_TRUE(e->head.error);
  EXPECT_EQ(e->head.error->httpStatus, 410);
}

template <class T>
void expectRefusesWhatIsNone(const kube::Decoder<T>& decoder) {
  for (const char* line : {"", "{", "[]", "null", "no JSON", R"({"type":"ADDED"})", R"({"type":"ADDED","object":7})"}) {
    const auto e = decoder.decodeEvent(line);
    ASSERT_FALSE(e.ok()) << line;
    EXPECT_FALSE(e.error().message.empty()) << line;
  }
  // What is no list must not look like an empty one.
  for (const char* body : {"", "{", "[]", "null", "{}", R"({"kind":"Status","code":500})"}) {
    const auto page = decoder.decodeList(body);
    ASSERT_FALSE(page.ok()) << body;
    EXPECT_FALSE(page.error().message.empty()) << body;
  }
  const auto none = decoder.decodeList(R"({"metadata":{"resourceVersion":"5"},"items":null})");
  ASSERT_TRUE(none.ok()) << none.error().message;
  EXPECT_THAT(none->items, IsEmpty());
}

TEST(Decoders, RefuseWhatIsNoneOfTheKind) {
  expectRefusesWhatIsNone(groupDecoder(true));
  expectRefusesWhatIsNone(requestDecoder());
  expectRefusesWhatIsNone(podDecoder());
  expectRefusesWhatIsNone(nodeDecoder());
  expectRefusesWhatIsNone(serviceDecoder());
}

TEST(Decoders, ABadGroupIsStoredAndSaysWhatIsWrong) {
  EXPECT_EQ(errorOf(Json::object()), "");
  const std::pair<const char*, const char*> bad[] = {
      {R"({"selector": {}})", "spec.selector"},
      {R"({"selector": {"matchLabels": {"app": 7}}})", "spec.selector.matchLabels: value of app"},
      {R"({"selector": {"matchExpressions": [{"key": "tier", "operator": "Like", "values": ["a"]}]}})",
       "spec.selector.matchExpressions: operator of key tier"},
      {R"({"selector": {"matchExpressions": [{"key": "tier", "operator": "In"}]}})", "key tier needs values"},
      {R"({"selector": {"matchExpressions": [{"operator": "Exists"}]}})", "spec.selector.matchExpressions"},
      {R"({"roleLabel": {"primary": "a", "standby": "a"}})", "spec.roleLabel"},
      {R"({"hooks": {"demote": {}}})", "spec.hooks.demote"},
      {R"({"hooks": {"probe": {"exec": {"command": []}}}})", "spec.hooks.probe.exec.command"},
      {R"({"hooks": {"promote": {"http": {"port": 0}}}})", "spec.hooks.promote.http.port"}};
  for (const auto& [spec, expected] : bad) EXPECT_THAT(errorOf(Json::parse(spec)), HasSubstr(expected)) << spec;
}

TEST(Decoders, AGroupOfManyTenantsNamesItsAccount) {
  const Json fenced = Json::parse(R"({"failover": {"fencing": {"steps": [{"type": "DeletePod"}]}}})");
  for (const Json& spec : {hook("probe"), hook("disconnect"), fenced}) {
    EXPECT_THAT(errorOf(spec, true), HasSubstr("spec.serviceAccountName"));
    EXPECT_EQ(errorOf(spec, false), "");
    Json named = spec;
    named["serviceAccountName"] = "db";
    EXPECT_EQ(errorOf(named, true), "");
  }
  EXPECT_EQ(errorOf(Json::object(), true), "") << "labels need no account";
}

TEST(Decoders, ABadGroupSpoilsNoList) {
  const auto page = groupDecoder(true).decodeList(
      list({groupJson("orders", hook("demote")), groupJson("bills"), groupJson("carts")}));
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->items.size(), 3U);
  EXPECT_FALSE(page->items[0]->spec->error.empty());
  EXPECT_TRUE(page->items[1]->spec->error.empty());
}

TEST(Decoders, APodWithoutANameIsNone) {
  Json nameless = podJson("x", {});
  nameless["metadata"].erase("name");
  const auto e = podDecoder().decodeEvent(event("ADDED", nameless));
  ASSERT_FALSE(e.ok());
  EXPECT_EQ(e.error().kind, Error::Kind::Invalid);
  EXPECT_THAT(e.error().message, HasSubstr("pod"));
}

TEST(Decoders, ManagedFieldsAreNotNeeded) {
  Json big = groupJson("orders");
  big["metadata"]["managedFields"] = Json::parse(R"([{"manager": "kubectl", "fieldsV1": {"f:spec": {}}}])");
  const auto e = groupDecoder(false).decodeEvent(event("ADDED", big));
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(e->object->meta.uid, "uid-orders");
  EXPECT_EQ(e->object->spec->error, "");
}

}  // namespace
}  // namespace baton::reconcile
