#include "api/selector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "unit/api/hostile_json.h"

namespace baton::api {
namespace {

using Labels = std::map<std::string, std::string, std::less<>>;

bool matches(const char* selector, const Labels& labels) {
  const auto s = parseSelector(nlohmann::json::parse(selector));
  EXPECT_TRUE(s.ok()) << selector;
  return s.ok() && s->matches([&](std::string_view key) -> const std::string* {
    const auto it = labels.find(key);
    return it == labels.end() ? nullptr : &it->second;
  });
}

TEST(Selector, MatchesAsKubernetesDoes) {
  const Labels db = {{"app", "db"}, {"tier", "x"}};
  EXPECT_TRUE(matches(R"({"matchLabels": {"app": "db"}})", db));
  EXPECT_FALSE(matches(R"({"matchLabels": {"app": "db", "tier": "y"}})", db));
  EXPECT_TRUE(matches(R"({"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "db"]}]})", db));
  EXPECT_FALSE(matches(R"({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["db"]}]})", db));
  // NotIn and DoesNotExist hold for what has no such label.
  EXPECT_TRUE(matches(R"({"matchExpressions": [{"key": "z", "operator": "NotIn", "values": ["db"]}]})", db));
  EXPECT_TRUE(matches(R"({"matchExpressions": [{"key": "z", "operator": "DoesNotExist"}]})", db));
  EXPECT_FALSE(matches(R"({"matchExpressions": [{"key": "z", "operator": "Exists"}]})", db));
  EXPECT_TRUE(
      matches(R"({"matchLabels": {"app": "db"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]})", db));
}

TEST(Selector, AnEmptyOneMatchesNothing) {
  EXPECT_FALSE(Selector{}.matches([](std::string_view) -> const std::string* { return nullptr; }));
  EXPECT_FALSE(parseSelector(nlohmann::json::object()).ok());
}

TEST(Selector, RefusesWhatIsNoSelector) {
  const char* bad[] = {R"([])",
                       R"("x")",
                       R"({"matchLabels": {"a": 1}})",
                       R"({"matchExpressions": [{"key": "a", "operator": "Is", "values": ["b"]}]})",
                       R"({"matchExpressions": [{"key": "a", "operator": "In"}]})",
                       R"({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]})",
                       R"({"matchExpressions": [{"operator": "Exists"}]})",
                       R"({"matchExpressions": [7]})"};
  for (const char* s : bad) EXPECT_FALSE(parseSelector(nlohmann::json::parse(s)).ok()) << s;
}

TEST(Selector, HostileJsonNeverThrows) {
  const auto good = nlohmann::json::parse(
      R"({"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]})");
  test::forEachSpoiled(good, [](const nlohmann::json& j) { ASSERT_NO_THROW((void)parseSelector(j).ok()); });
}

TEST(Selector, IndexPairIsOneThatEveryMatchCarries) {
  const auto s = parseSelector(
      nlohmann::json::parse(R"({"matchLabels": {"app.kubernetes.io/name": "db", "app.kubernetes.io/instance": "x"}})"));
  EXPECT_EQ(s->indexPair(), std::make_pair(std::string("app.kubernetes.io/instance"), std::string("x")));
  const auto none =
      parseSelector(nlohmann::json::parse(R"({"matchExpressions": [{"key": "a", "operator": "Exists"}]})"));
  EXPECT_EQ(none->indexPair().first, "");
}

}  // namespace
}  // namespace baton::api
