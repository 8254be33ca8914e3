#include "kube/event_series.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace baton::kube {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using What = EventWrite::What;

class EventSeriesRules : public testing::Test {
 protected:
  static Occurrence about(const std::string& uid, const std::string& note) {
    Occurrence o;
    o.regarding = {"ha.baton.dev/v1alpha1", "HaGroup", "shop", "db", uid, "7"};
    o.reason = "Promoting";
    o.action = "Promote";
    o.note = note;
    return o;
  }
  std::optional<EventWrite> add(Occurrence o) {
    o.time = wall;
    return series.add(std::move(o), now);
  }
  void pass(std::chrono::seconds d) {
    now += d;
    wall += d;
  }

  EventSettings settings = [] {
    EventSettings s;
    s.reportingInstance = "host_1";
    return s;
  }();
  EventSeries series{settings};
  Steady now{1000h};
  Time wall{1000h};
};

TEST_F(EventSeriesRules, TheFirstIsCreatedTheSecondMakesASeries) {
  const auto first = add(about("u", "note"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->what, What::Create);
  pass(1s);
  const auto second = add(about("u", "note"));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->what, What::Patch);
  EXPECT_EQ(second->name, first->name);
  EXPECT_EQ(second->count, 2);
  EXPECT_EQ(second->last, wall);
}

TEST_F(EventSeriesRules, AGrowingSeriesIsWrittenNowAndThen) {
  add(about("u", "note"));
  add(about("u", "note"));
  EXPECT_FALSE(series.nextDue());
  for (int i = 0; i < 9; ++i) {
    pass(1s);
    EXPECT_FALSE(add(about("u", "note")));
  }
  ASSERT_TRUE(series.nextDue());
  EXPECT_EQ(*series.nextDue() - now, 1s);
  EXPECT_TRUE(series.due(now).empty());
  pass(1s);
  const auto writes = series.due(now);
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes[0].count, 11);
  EXPECT_FALSE(series.nextDue());
}

TEST_F(EventSeriesRules, AtTheEndAllIsWritten) {
  add(about("u", "note"));
  add(about("u", "note"));
  add(about("u", "note"));
  EXPECT_EQ(series.due(std::nullopt).size(), 1U);
  EXPECT_TRUE(series.due(std::nullopt).empty());
}

TEST_F(EventSeriesRules, WhatDiffersIsAnEventOfItsOwn) {
  EXPECT_EQ(add(about("u", "a"))->what, What::Create);
  EXPECT_EQ(add(about("u", "b"))->what, What::Create);
  EXPECT_EQ(add(about("v", "a"))->what, What::Create);
  Occurrence o = about("u", "a");
  o.severity = Severity::Warning;
  EXPECT_EQ(add(o)->what, What::Create);
  o.related = ObjectReference{"v1", "Pod", "shop", "db-0", "p", ""};
  EXPECT_EQ(add(o)->what, What::Create);
}

TEST_F(EventSeriesRules, AfterALongPauseItIsANewEvent) {
  const auto first = add(about("u", "note"));
  pass(7min);
  const auto second = add(about("u", "note"));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->what, What::Create);
  EXPECT_NE(second->name, first->name);
}

TEST_F(EventSeriesRules, OneOccurrenceHasOneNameWhoeverTellsOfIt) {
  Occurrence o = about("u", "Promoting db-1");
  o.dedupeKey = "request-1/Promoting";
  const auto first = add(o);
  ASSERT_TRUE(first);
  pass(1s);
  EXPECT_FALSE(add(o)) << "told twice";
  EXPECT_FALSE(series.nextDue()) << "and not counted";
  EventSettings other;
  other.reportingInstance = "host_2";
  EventSeries next(other);
  o.note = "Promoting db-1, again";
  EXPECT_EQ(next.add(o, now)->name, first->name);
  o.dedupeKey = "request-1/Routing";
  EXPECT_NE(next.add(o, now)->name, first->name);
}

TEST_F(EventSeriesRules, AnObjectHasTokensAndGetsOneBackIn5Minutes) {
  for (int i = 0; i < 25; ++i) EXPECT_TRUE(add(about("u", std::to_string(i))));
  EXPECT_FALSE(add(about("u", "one too many")));
  EXPECT_EQ(series.limited(), 1U);
  EXPECT_TRUE(add(about("v", "another object")));
  Occurrence once = about("u", "important");
  once.dedupeKey = "k";
  EXPECT_TRUE(add(once)) << "costs nothing";
  pass(301s);
  EXPECT_TRUE(add(about("u", "later")));
  EXPECT_FALSE(add(about("u", "and another")));
}

TEST_F(EventSeriesRules, WhatIsRememberedHasABound) {
  settings.remember = 10;
  EventSeries small(settings);
  for (int i = 0; i < 1000; ++i) {
    Occurrence o = about("u" + std::to_string(i), "note");
    ASSERT_TRUE(small.add(o, now));
  }
  EXPECT_EQ(small.add(about("u999", "note"), now)->what, What::Patch);
  EXPECT_EQ(small.add(about("u0", "note"), now)->what, What::Create);
}

TEST_F(EventSeriesRules, ClusterScopedObjectsHaveTheirEventsInDefault) {
  Occurrence o = about("u", "note");
  o.regarding = {"v1", "Node", "", "node-1", "n", ""};
  EXPECT_EQ(add(o)->ns, "default");
}

TEST_F(EventSeriesRules, NamesAreValidWhateverTheObjectsNameIs) {
  EXPECT_EQ(eventName("db", "x").size(), 2U + 1 + 16);
  EXPECT_EQ(eventName("db", "x"), eventName("db", "x"));
  EXPECT_NE(eventName("db", "x"), eventName("db", "y"));
  EXPECT_EQ(eventName(std::string(300, 'a'), "x").size(), 253U);
  EXPECT_EQ(eventName(std::string(235, 'a') + "-.-.b", "x").size(), 235U + 17);
  EXPECT_EQ(eventName("", "x").size(), 16U);
}

TEST_F(EventSeriesRules, BodiesAreWhatTheServerExpects) {
  Occurrence o = about("u", std::string(1022, 'x') + "äöü");
  o.related = ObjectReference{"v1", "Pod", "shop", "db-0", "p", ""};
  const auto write = add(o);
  const json body = json::parse(eventBody(*write, settings));
  EXPECT_EQ(body["apiVersion"], "events.k8s.io/v1");
  EXPECT_EQ(body["metadata"], (json{{"namespace", "shop"}, {"name", write->name}}));
  EXPECT_EQ(body["eventTime"], formatTime(wall));
  EXPECT_EQ(body["reportingController"], "ha.baton.dev/baton-controller");
  EXPECT_EQ(body["reportingInstance"], "host_1");
  EXPECT_EQ(body["type"], "Normal");
  EXPECT_EQ(body["note"], std::string(1022, 'x') + "ä") << "cut between characters";
  EXPECT_EQ(body["regarding"]["resourceVersion"], "7");
  EXPECT_EQ(body["related"]["name"], "db-0");
  EXPECT_FALSE(body["related"].contains("resourceVersion"));
  EXPECT_FALSE(body.contains("series"));
  pass(1s);
  EXPECT_EQ(json::parse(eventBody(*add(o), settings)),
            (json{{"series", {{"count", 2}, {"lastObservedTime", formatTime(wall)}}}}));
}

TEST_F(EventSeriesRules, WhatIsNotUtf8IsReplaced) {
  EXPECT_NO_THROW(eventBody(*add(about("u", "a\xff\xfe z")), settings));
}

}  // namespace
}  // namespace baton::kube
