#include "api/apis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::api {
namespace {

TEST(Apis, AllOfThem) {
  const auto apis = apisFromJson(Json::parse(R"({
    "connector": {"hosts": ["scc.example.com"], "memberHosts": {"scc-0": "scc-0.example.com"}},
    "dcs": {"projectId": "p", "instanceId": "i"}, "hcx": {"groupId": "g"}, "sbc": {"hosts": ["a", "b"]},
    "polardb": {"dbClusterId": "pc-1", "nodeIds": {"db-0": "pi-0"}}})"));
  EXPECT_THAT(apis->group,
              testing::UnorderedElementsAre(ApiIdentity{ApiKind::Connector, "scc.example.com", ""},
                                            ApiIdentity{ApiKind::Dcs, "i", "p"}, ApiIdentity{ApiKind::Hcx, "g", ""},
                                            ApiIdentity{ApiKind::Sbc, "a", ""}, ApiIdentity{ApiKind::Sbc, "b", ""},
                                            ApiIdentity{ApiKind::Polardb, "pc-1", ""}));
  EXPECT_EQ(apis->hostOf.at("scc-0"), "scc-0.example.com");
  EXPECT_EQ(apis->nodeIds.at("db-0"), "pi-0");
}

TEST(Apis, NothingIsNull) {
  EXPECT_EQ(apisFromJson(Json::object()), nullptr);
  EXPECT_EQ(apisFromJson(Json::parse(R"({"dcs": null, "hcx": {}})")), nullptr);
}

TEST(Apis, WhatAnybodyMayHaveWritten) {
  EXPECT_EQ(
      apisFromJson(Json::parse(R"({"connector": {"hosts": "x", "memberHosts": [1]}, "sbc": {"hosts": [1, ""]}})")),
      nullptr);
}

}  // namespace
}  // namespace baton::api
