#include "kube/request.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace baton::kube {
namespace {

using nlohmann::json;

TEST(RequestPath, CoreAndNamedGroups) {
  EXPECT_EQ(path(resources::pods, "shop", "db-0"), "/api/v1/namespaces/shop/pods/db-0");
  EXPECT_EQ(path(resources::haGroups, "shop", "db", "status"),
            "/apis/ha.baton.dev/v1alpha1/namespaces/shop/hagroups/db/status");
  EXPECT_EQ(path(resources::nodes, "", "n1"), "/api/v1/nodes/n1");
  EXPECT_EQ(path(resources::pods, ""), "/api/v1/pods");
}

TEST(RequestPath, NamesCannotLeaveTheirPlace) {
  EXPECT_EQ(path(resources::pods, "a/b", "../secrets?x=%"), "/api/v1/namespaces/a%2Fb/pods/..%2Fsecrets%3Fx%3D%25");
}

TEST(Request, GetIsIdempotentAndWithoutBody) {
  const ApiRequest q = get(resources::pods, "shop", "db-0");
  EXPECT_EQ(q.method, http::Method::Get);
  EXPECT_EQ(q.target, "/api/v1/namespaces/shop/pods/db-0");
  EXPECT_TRUE(q.body.empty());
  EXPECT_TRUE(q.contentType.empty());
  EXPECT_TRUE(q.idempotent);
  EXPECT_EQ(q.accept, "application/json");
}

TEST(Request, ListCarriesAllParameters) {
  ListOptions o;
  o.labelSelector = "app=db,tier in (a,b)";
  o.fieldSelector = "spec.nodeName=n1";
  o.limit = 50;
  o.continueToken = "abc==";
  EXPECT_EQ(list(resources::pods, "shop", o).target,
            "/api/v1/namespaces/shop/pods?limit=50&continue=abc%3D%3D&labelSelector=app%3Ddb%2Ctier%20in%20%28a%2Cb%29"
            "&fieldSelector=spec.nodeName%3Dn1");
}

TEST(Request, ListFromTheWatchCache) {
  ListOptions o;
  o.limit = 0;
  o.resourceVersion = "0";
  EXPECT_EQ(list(resources::pods, "", o).target, "/api/v1/pods?resourceVersion=0");
  o.resourceVersion = "17";
  o.resourceVersionMatch = "NotOlderThan";
  EXPECT_EQ(list(resources::pods, "", o).target, "/api/v1/pods?resourceVersion=17&resourceVersionMatch=NotOlderThan");
}

TEST(Request, MetadataOnly) {
  ListOptions l;
  l.metadataOnly = true;
  EXPECT_EQ(list(resources::nodes, "", l).accept, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
  WatchOptions w;
  w.metadataOnly = true;
  EXPECT_EQ(watch(resources::nodes, "", w).accept, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
}

TEST(Request, WatchAsksForBookmarks) {
  WatchOptions o;
  o.resourceVersion = "42";
  o.timeout = std::chrono::seconds(431);
  const ApiRequest q = watch(resources::pods, "shop", o);
  EXPECT_EQ(q.target,
            "/api/v1/namespaces/shop/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=431&resourceVersion=42");
  EXPECT_EQ(q.timeout, std::chrono::seconds(120));
}

TEST(Request, WatchWithInitialEvents) {
  WatchOptions o;
  o.sendInitialEvents = true;
  EXPECT_EQ(watch(resources::pods, "", o).target,
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&sendInitialEvents=true"
            "&resourceVersionMatch=NotOlderThan");
}

TEST(Request, CreateIsNotRepeatedUnlessTheCallerSaysSo) {
  const ApiRequest q = create(resources::switchoverRequests, "shop", R"({"a":1})");
  EXPECT_EQ(q.method, http::Method::Post);
  EXPECT_EQ(q.target, "/apis/ha.baton.dev/v1alpha1/namespaces/shop/switchoverrequests?fieldManager=baton");
  EXPECT_EQ(q.contentType, "application/json");
  EXPECT_EQ(q.body, R"({"a":1})");
  EXPECT_FALSE(q.idempotent);
}

TEST(Request, Patches) {
  const ApiRequest merge = mergePatch(resources::haGroups, "shop", "db", "{}", "status");
  EXPECT_EQ(merge.method, http::Method::Patch);
  EXPECT_EQ(merge.contentType, "application/merge-patch+json");
  EXPECT_EQ(merge.target, "/apis/ha.baton.dev/v1alpha1/namespaces/shop/hagroups/db/status?fieldManager=baton");
  EXPECT_TRUE(merge.idempotent);
  const ApiRequest patch = jsonPatch(resources::pods, "shop", "db-0", "[]");
  EXPECT_EQ(patch.contentType, "application/json-patch+json");
  EXPECT_FALSE(patch.idempotent);
  const ApiRequest applied = apply(resources::pods, "shop", "db-0", "{}", true);
  EXPECT_EQ(applied.contentType, "application/apply-patch+yaml");
  EXPECT_EQ(applied.target, "/api/v1/namespaces/shop/pods/db-0?fieldManager=baton&force=true");
  EXPECT_EQ(apply(resources::pods, "shop", "db-0", "{}", false).target,
            "/api/v1/namespaces/shop/pods/db-0?fieldManager=baton");
}

TEST(Request, ReplaceIsPut) {
  const ApiRequest q = replace(resources::leases, "baton", "leader", "{}");
  EXPECT_EQ(q.method, http::Method::Put);
  EXPECT_EQ(q.target, "/apis/coordination.k8s.io/v1/namespaces/baton/leases/leader?fieldManager=baton");
  EXPECT_TRUE(q.idempotent);
}

TEST(Request, DeleteWithPreconditions) {
  DeleteOptions o;
  o.uid = "u-1";
  o.resourceVersion = "7";
  o.gracePeriodSeconds = 0;
  o.propagationPolicy = "Background";
  const ApiRequest q = remove(resources::pods, "shop", "db-0", o);
  EXPECT_EQ(q.method, http::Method::Delete);
  EXPECT_EQ(json::parse(q.body), json({{"kind", "DeleteOptions"},
                                       {"apiVersion", "v1"},
                                       {"preconditions", {{"uid", "u-1"}, {"resourceVersion", "7"}}},
                                       {"gracePeriodSeconds", 0},
                                       {"propagationPolicy", "Background"}}));
  EXPECT_TRUE(q.idempotent);
}

TEST(Request, DeleteWithoutUidCouldHitAnotherObject) {
  const ApiRequest q = remove(resources::pods, "shop", "db-0");
  EXPECT_FALSE(q.idempotent);
  EXPECT_EQ(json::parse(q.body), json({{"kind", "DeleteOptions"}, {"apiVersion", "v1"}}));
}

TEST(Request, ExecTarget) {
  ExecOptions o;
  o.container = "db";
  o.command = {"sh", "-c", "echo a&b"};
  EXPECT_EQ(execTarget("shop", "db-0", o),
            "/api/v1/namespaces/shop/pods/db-0/exec?command=sh&command=-c&command=echo%20a%26b&container=db&stdout=true"
            "&stderr=true");
  o.container.clear();
  o.standardError = false;
  o.command = {"true"};
  EXPECT_EQ(execTarget("shop", "db-0", o), "/api/v1/namespaces/shop/pods/db-0/exec?command=true&stdout=true");
}

TEST(Request, ServiceAccountImpersonation) {
  const Impersonation as = serviceAccount("shop", "db");
  EXPECT_EQ(as.user, "system:serviceaccount:shop:db");
  EXPECT_TRUE(as.groups.empty()) << "the server adds them; naming them would need more rights";
}

}  // namespace
}  // namespace baton::kube
