#include "cli/dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands.h"
#include "cli/explain.h"
#include "unit/reconcile/objects.h"

namespace baton::cli {
namespace {

using api::Json;
using reconcile::begin;
using reconcile::groupJson;
using reconcile::metadata;
using reconcile::requestJson;
using testing::AllOf;
using testing::HasSubstr;

Json pod(const std::string& name, const std::string& role, bool ready = true) {
  Json p = {
      {"metadata", metadata(name)},
      {"spec", {{"nodeName", "node1"}}},
      {"status", {{"phase", "Running"}, {"conditions", {{{"type", "Ready"}, {"status", ready ? "True" : "False"}}}}}}};
  p["metadata"]["labels"] = {{"cluster", "orders"}, {"ha.baton.dev/role", role}};
  p["metadata"]["annotations"] = {{"ha.baton.dev/epoch", "3"}};
  return p;
}

/// orders-0 is primary of three.
Dump orders(Json spec = Json::object()) {
  Json g = groupJson("orders", std::move(spec));
  g["status"] = {{"phase", "Healthy"},
                 {"primary", "orders-0"},
                 {"primaryUID", "uid-orders-0"},
                 {"epoch", 3},
                 {"readyMembers", "3/3"}};
  return {"shop",
          "orders",
          begin(),
          Json::array({g}),
          Json::array(),
          Json::array({pod("orders-0", "primary"), pod("orders-1", "standby"), pod("orders-2", "standby", false)}),
          Json::array(),
          Json::array(),
          {}};
}

std::string decided(const Dump& d) {
  auto s = snapshot(d);
  EXPECT_TRUE(s) << (s ? "" : s.error().message);
  return s ? described(*s, ha::decide(*s)) : "";
}

TEST(Dumps, SayWhatBatonWouldDo) {
  Dump d = orders();
  d.pods[0]["status"]["conditions"][0]["status"] = "False";
  EXPECT_THAT(decided(d), AllOf(HasSubstr("make a request, trigger failover"), HasSubstr("NoPrimary")));
  d.requests = Json::array({requestJson("move-1", "orders")});
  d.pods[0]["status"]["conditions"][0]["status"] = "True";
  EXPECT_THAT(decided(d), HasSubstr("store request move-1: Demoting"));
}

TEST(Dumps, AreTheSameAfterTheyWereWrittenAndRead) {
  const Dump d = orders();
  const auto again = dumpFrom(toJson(d).dump());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(toJson(*again), toJson(d));
  EXPECT_EQ(decided(*again), decided(d));
}

struct Bad {
  const char *text, *says;
};
class BadDump : public testing::TestWithParam<Bad> {};

TEST_P(BadDump, IsRefused) {
  const auto d = dumpFrom(GetParam().text);
  ASSERT_FALSE(d);
  EXPECT_THAT(d.error().message, HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(Cli, BadDump,
                         testing::Values(Bad{"", "not a JSON object"}, Bad{"[]", "not a JSON object"},
                                         Bad{"{}", "kind is not BatonDump"},
                                         Bad{R"({"kind": "BatonDump", "version": 2})", "version is not 1"},
                                         Bad{R"({"kind": "BatonDump", "version": 1, "time": "yesterday"})", "time"}));

TEST(Dumps, OfAGroupThatIsNotInThemSaySo) {
  Dump d = orders();
  d.group = "bills";
  const auto s = snapshot(d);
  ASSERT_FALSE(s);
  EXPECT_THAT(s.error().message, HasSubstr("bills"));
}

TEST(Explanations, NameEachPodAndWhy) {
  const auto s = snapshot(orders());
  ASSERT_TRUE(s);
  const std::string text = explanation(*s, Paint(false));
  EXPECT_THAT(text, AllOf(HasSubstr("orders-0 has the role"), HasSubstr("would give the role to orders-1"),
                          HasSubstr("→ orders-1"), HasSubstr("orders-2"), HasSubstr("not ready")));
  EXPECT_THAT(text, HasSubstr("If the primary failed now, it would be replaced at once."));
}

TEST(Explanations, SayWhatKeepsAFailover) {
  const auto s = snapshot(orders(Json::parse(R"({"failover": {"mode": "Manual"}, "switchover": {"enabled": false}})")));
  ASSERT_TRUE(s);
  const std::string text = explanation(*s, Paint(false));
  EXPECT_THAT(text, AllOf(HasSubstr("would be refused: Disabled"), HasSubstr("no failover would be made: Manual")));
}

TEST(Printing, KeepsTextsTextsInYaml) {
  const Json j = {{"a", "3"},
                  {"b", "true"},
                  {"c", "2026-11-22T00:00:00Z"},
                  {"d", 3},
                  {"e", true},
                  {"f", "plain"},
                  {"g", "x: y"},
                  {"h", Json::object()},
                  {"i", {1, "2"}},
                  {"j", nullptr},
                  {"metadata", {{"managedFields", {1}}}}};
  EXPECT_EQ(printed(j, Output::Yaml),
            "a: \"3\"\nb: \"true\"\nc: \"2026-11-22T00:00:00Z\"\nd: 3\ne: true\nf: plain\ng: \"x: y\"\n"
            "h: {}\ni:\n  - 1\n  - \"2\"\nj: null\nmetadata: {}\n");
}

TEST(Trees, ShowMembersAndWhatIsNotAsItShouldBe) {
  Json g = orders().groups[0];
  g["status"]["members"] = Json::parse(R"([{"pod": "orders-0", "role": "primary", "ready": true, "zone": "a"},
      {"pod": "orders-1", "role": "standby", "ready": false, "zone": "b", "lag": 12, "reason": "NotReady"}])");
  g["status"]["conditions"] = Json::parse(R"([{"type": "FailoverBlocked", "status": "True", "reason": "Cooldown",
      "message": "5 s are not over", "lastTransitionTime": "2026-11-22T00:00:00Z"}])");
  g["status"]["activeRequest"] = "move-1";
  const std::string text = tree(api::haGroupFromJson(g), "Demoting", begin(), false, Paint(false));
  EXPECT_EQ(text,
            "shop/orders  Healthy  epoch 3  3/3 ready\n"
            "├─ orders-0  primary  ready      zone a\n"
            "└─ orders-1  standby  not ready  zone b  lag 12  NotReady\n"
            "   under way        move-1: Demoting\n"
            "   FailoverBlocked  Cooldown: 5 s are not over\n");
}

}  // namespace
}  // namespace baton::cli
