// Objects: create, read, change, delete, watch; and how the real server refuses.
#include <set>
#include <vector>

#include "integration/kube_fixture.h"

namespace baton::kube {
namespace {

using KubeObjects = KubeTest;

TEST_F(KubeObjects, CreateAndGet) {
  const auto created = makeConfigMap("a");
  const auto read = made(get(resources::configMaps, ns, "a"));
  EXPECT_EQ(read["data"]["a"], "1");
  EXPECT_EQ(read["metadata"]["uid"], created["metadata"]["uid"]);
  EXPECT_EQ(read["metadata"]["managedFields"][0]["manager"], kFieldManager);
}

TEST_F(KubeObjects, TypedRefusals) {
  makeConfigMap("a");
  const Error exists = refused(ask(create(resources::configMaps, ns, configMap("a", "2").dump())));
  EXPECT_EQ(exists.kind, Error::Kind::AlreadyExists) << exists.message;
  EXPECT_EQ(exists.httpStatus, 409);
  const Error missing = refused(ask(get(resources::configMaps, ns, "b")));
  EXPECT_EQ(missing.kind, Error::Kind::NotFound);
  EXPECT_EQ(missing.message, "configmaps \"b\" not found");
  const Error name = refused(ask(create(resources::configMaps, ns, configMap("Not_A_Name", "1").dump())));
  EXPECT_EQ(name.kind, Error::Kind::Invalid);
  EXPECT_EQ(name.httpStatus, 422);
  EXPECT_NE(name.message.find("metadata.name"), std::string::npos) << name.message;
  EXPECT_EQ(refused(ask(create(resources::configMaps, ns, "{"))).kind, Error::Kind::Invalid);
  EXPECT_EQ(refused(ask(get({"no.such.group", "v1", "things"}, ns, "a"))).kind, Error::Kind::NotFound);
  EXPECT_EQ(refused(ask(get(resources::configMaps, ns, "../../secrets"))).kind, Error::Kind::NotFound);
}

TEST_F(KubeObjects, ListsInPages) {
  for (int i = 0; i < 7; ++i) makeConfigMap("m" + std::to_string(i), i < 5 ? "some" : "others");
  ListOptions o;
  o.limit = 2;
  o.labelSelector = "test=some";
  std::set<std::string> names;
  int pages = 0;
  do {
    const auto page = made(list(resources::configMaps, ns, o));
    ASSERT_TRUE(page.contains("items"));
    EXPECT_LE(page["items"].size(), 2u);
    for (const auto& item : page["items"]) names.insert(item["metadata"]["name"]);
    o.continueToken = page["metadata"].value("continue", "");
  } while (++pages < 10 && !o.continueToken.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(names, (std::set<std::string>{"m0", "m1", "m2", "m3", "m4"}));
  o.continueToken = "nonsense";
  EXPECT_EQ(refused(ask(list(resources::configMaps, ns, o))).kind, Error::Kind::Invalid);
}

TEST_F(KubeObjects, MetadataAlone) {
  makeConfigMap("a");
  ListOptions o;
  o.metadataOnly = true;
  const auto page = made(list(resources::configMaps, ns, o));
  EXPECT_EQ(page["kind"], "PartialObjectMetadataList");
  EXPECT_FALSE(page["items"][0].contains("data"));
}

TEST_F(KubeObjects, MergePatchAndConflict) {
  const auto first = makeConfigMap("a");
  const auto second = made(mergePatch(resources::configMaps, ns, "a", R"({"data":{"b":"2"}})"));
  EXPECT_EQ(second["data"], json({{"a", "1"}, {"b", "2"}}));
  const json stale = {{"metadata", {{"resourceVersion", first["metadata"]["resourceVersion"]}}},
                      {"data", {{"b", "3"}}}};
  const Error e = refused(ask(mergePatch(resources::configMaps, ns, "a", stale.dump())));
  EXPECT_EQ(e.kind, Error::Kind::Conflict) << e.message;
  json whole = first;
  EXPECT_EQ(refused(ask(replace(resources::configMaps, ns, "a", whole.dump()))).kind, Error::Kind::Conflict);
  whole["metadata"]["resourceVersion"] = second["metadata"]["resourceVersion"];
  EXPECT_EQ(made(replace(resources::configMaps, ns, "a", whole.dump()))["data"], json({{"a", "1"}}));
}

TEST_F(KubeObjects, JsonPatchWithTest) {
  makeConfigMap("a");
  const auto patched = made(jsonPatch(resources::configMaps, ns, "a",
                                      R"([{"op":"test","path":"/data/a","value":"1"},)"
                                      R"({"op":"replace","path":"/data/a","value":"2"}])"));
  EXPECT_EQ(patched["data"]["a"], "2");
  EXPECT_EQ(
      refused(ask(jsonPatch(resources::configMaps, ns, "a", R"([{"op":"test","path":"/data/a","value":"1"}])"))).kind,
      Error::Kind::Invalid);
}

TEST_F(KubeObjects, ApplyAndTakeOver) {
  EXPECT_EQ(made(apply(resources::configMaps, ns, "a", configMap("a", "1").dump(), false))["data"]["a"], "1");
  ApiRequest other = apply(resources::configMaps, ns, "a", configMap("a", "2").dump(), false);
  other.target = path(resources::configMaps, ns, "a") + "?fieldManager=other";
  EXPECT_EQ(refused(ask(other)).kind, Error::Kind::Conflict);
  other.target += "&force=true";
  EXPECT_EQ(made(other)["data"]["a"], "2");
}

TEST_F(KubeObjects, StatusSubresource) {
  const std::string name = ns;  // nodes are of the whole cluster
  made(create(resources::nodes, "", object("v1", "Node", name).dump()));
  const std::string status =
      R"({"status":{"conditions":[{"type":"Ready","status":"True","reason":"Test","message":"m"}]}})";
  EXPECT_EQ(made(mergePatch(resources::nodes, "", name, status, "status"))["status"]["conditions"][0]["reason"],
            "Test");
  const auto spec = made(mergePatch(resources::nodes, "", name, R"({"spec":{"unschedulable":true}})"));
  EXPECT_EQ(spec["spec"]["unschedulable"], true);
  EXPECT_EQ(spec["status"]["conditions"][0]["type"], "Ready");
  made(remove(resources::nodes, "", name));
}

TEST_F(KubeObjects, DeleteWithPreconditions) {
  const auto created = makeConfigMap("a");
  DeleteOptions o;
  o.uid = "11111111-2222-3333-4444-555555555555";
  EXPECT_EQ(refused(ask(remove(resources::configMaps, ns, "a", o))).kind, Error::Kind::Conflict);
  o.uid = created["metadata"]["uid"];
  o.resourceVersion = "1";
  EXPECT_EQ(refused(ask(remove(resources::configMaps, ns, "a", o))).kind, Error::Kind::Conflict);
  o.resourceVersion.clear();
  o.dryRun = true;
  made(remove(resources::configMaps, ns, "a", o));
  o.dryRun = false;
  made(remove(resources::configMaps, ns, "a", o));
  EXPECT_EQ(refused(ask(remove(resources::configMaps, ns, "a", o))).kind, Error::Kind::NotFound);
}

TEST_F(KubeObjects, WatchesWithInitialEvents) {
  makeConfigMap("a");
  WatchOptions o;
  o.sendInitialEvents = true;
  std::string text;
  std::promise<int> head;
  std::promise<void> complete;
  std::promise<Status> done;
  const auto call = client->stream(watch(resources::configMaps, ns, o),
                                   {[&](const http::Response& r) { head.set_value(r.status); },
                                    [&](std::string_view piece) {
                                      const bool before = text.find("\"b\"") != std::string::npos;
                                      text += piece;
                                      if (!before && text.find("\"b\"") != std::string::npos) complete.set_value();
                                      return true;
                                    },
                                    [&](Status s) { done.set_value(std::move(s)); }});
  EXPECT_EQ(head.get_future().get(), 200);
  makeConfigMap("b");
  complete.get_future().wait();
  call->cancel();
  const Status end = done.get_future().get();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().kind, Error::Kind::Cancelled);
  EXPECT_NE(text.find("\"name\":\"a\""), std::string::npos);
  EXPECT_NE(text.find("k8s.io/initial-events-end"), std::string::npos);
}

TEST_F(KubeObjects, AWatchThatIsRefusedIsTyped) {
  std::promise<Status> done;
  client->stream(watch({"no.such.group", "v1", "things"}, ns, {}),
                 {[](const http::Response&) {}, [](std::string_view) { return true; },
                  [&](Status s) { done.set_value(std::move(s)); }});
  const Status end = done.get_future().get();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().kind, Error::Kind::NotFound) << end.error().message;
}

TEST_F(KubeObjects, ManyAtOnceOnAllLanes) {
  makeConfigMap("a");
  constexpr int kMany = 400;
  std::atomic<int> good{0};
  std::atomic<int> left{kMany};
  std::promise<void> end;
  for (int i = 0; i < kMany; ++i) {
    ApiRequest q = get(resources::configMaps, ns, "a");
    q.lane = static_cast<Lane>(i % 4);
    client->send(std::move(q), [&](Result<http::Response> r) {
      if (r) ++good;
      if (--left == 0) end.set_value();
    });
  }
  end.get_future().wait();
  EXPECT_EQ(good, kMany);
}

TEST_F(KubeObjects, NobodyListens) {
  Config nowhere = config;
  nowhere.server = "https://127.0.0.1:1";
  const auto other = connect(nowhere);
  ApiRequest q = get(resources::configMaps, ns, "a");
  q.retries = 1;
  const Error e = refused(ask(*other, std::move(q)));
  EXPECT_EQ(e.kind, Error::Kind::Unavailable) << e.message;
  EXPECT_EQ(codes["<error>"], 2);
}

TEST_F(KubeObjects, ShutDown) {
  client->shutDown();
  EXPECT_EQ(refused(ask(get(resources::configMaps, ns, "a"))).kind, Error::Kind::Cancelled);
  client = connect(config);
}

}  // namespace
}  // namespace baton::kube
