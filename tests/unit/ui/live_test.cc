// Streams of events: who is told what, and when.
#include "unit/ui/ui_fixture.h"

namespace baton::ui {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

TEST_F(UiTest, AViewerIsToldEverythingFirst) {
  const auto body = watch();
  EXPECT_EQ(header("Content-Type"), "text/event-stream");
  EXPECT_EQ(answer().body, "retry: 1000\n\n");
  const auto events = body->events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0], StartsWith("snapshot {"));
  EXPECT_THAT(Json::parse(events[0].substr(9))["groups"], SizeIs(2));
}

TEST_F(UiTest, ManyChangesInAMomentAreOneEvent) {
  const auto body = watch();
  body->events();
  for (int epoch = 2; epoch < 10; ++epoch) {
    source_.put("shop", "orders", "orders-1", epoch);
    site_.live().groupChanged("shop/orders");
  }
  EXPECT_THAT(body->events(), IsEmpty());
  manual_.pass(100ms);
  const auto events = body->events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0], StartsWith("group {"));
  EXPECT_EQ(Json::parse(events[0].substr(6))["status"]["epoch"], 9);
}

TEST_F(UiTest, WhatIsAsItWasIsNotToldAgain) {
  const auto body = watch();
  site_.live().groupChanged("shop/orders");
  manual_.pass(100ms);
  body->events();
  site_.live().groupChanged("shop/orders");
  manual_.pass(100ms);
  EXPECT_THAT(body->events(), IsEmpty());
}

TEST_F(UiTest, AGroupComesAndGoes) {
  const auto body = watch();
  body->events();
  source_.put("shop", "new", "new-0", 1);
  site_.live().groupChanged("shop/new");
  manual_.pass(100ms);
  EXPECT_THAT(body->events(), ElementsAre(StartsWith("group {")));
  source_.groups_.erase("shop/new");
  site_.live().groupChanged("shop/new");
  manual_.pass(100ms);
  EXPECT_THAT(body->events(), ElementsAre(R"(gone {"name":"new","namespace":"shop"})"));
}

TEST_F(UiTest, RequestsAreToldAndShowInTheirGroup) {
  const auto body = watch();
  body->events();
  source_.put("shop", "orders", "orders-0", 1, "r1");
  site_.live().requestChanged(source_.ask("shop", "r1", "orders", "Demoting"));
  manual_.pass(100ms);
  EXPECT_THAT(body->events(),
              ElementsAre(HasSubstr(R"("phase":"Demoting")"),
                          R"(request {"group":"orders","name":"r1","namespace":"shop","phase":"Demoting"})"));
  const auto gone = *source_.request("shop", "r1");
  source_.requests_.erase("shop/r1");
  site_.live().requestChanged(gone);
  manual_.pass(100ms);
  EXPECT_THAT(body->events(), Contains(R"(request {"group":"orders","name":"r1","namespace":"shop","phase":""})"));
}

TEST_F(UiTest, NobodyIsToldWhatIsNotHis) {
  server_.may_ = [](const Json& a) { return a.value("namespace", "") == "shop" && a["resource"] == "hagroups"; };
  const auto body = watch();
  const auto events = body->events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0], Not(HasSubstr("ledger")));
  source_.put("bank", "ledger", "ledger-1", 5);
  site_.live().groupChanged("bank/ledger");
  source_.groups_.erase("bank/ledger");
  site_.live().groupChanged("bank/ledger");
  site_.live().requestChanged(source_.ask("shop", "r1", "orders", "Demoting"));
  manual_.pass(5s);
  for (const auto& e : body->events()) {
    EXPECT_THAT(e, Not(HasSubstr("ledger")));
    EXPECT_THAT(e, Not(HasSubstr("r1")));
  }
}

TEST_F(UiTest, RightsThatHaveChangedAreSeenWithinAMinute) {
  const auto body = watch();
  body->events();
  server_.may_ = [](const Json& a) { return a.value("namespace", "") == "bank"; };
  manual_.pass(61s);
  manual_.pass(5s);
  const auto events = body->events();
  ASSERT_THAT(events, Not(IsEmpty()));
  EXPECT_THAT(events.back(), StartsWith("snapshot {"));
  EXPECT_EQ(Json::parse(events.back().substr(9))["namespaces"],
            Json::parse(R"({"bank":{"requests":true,"switch":true}})"));
}

TEST_F(UiTest, ANamespaceThatAppearsIsAskedForAtOnce) {
  server_.may_ = [](const Json& a) { return a.value("namespace", "") != ""; };
  const auto body = watch();
  body->events();
  source_.put("new", "cache", "cache-0", 1);
  site_.live().groupChanged("new/cache");
  manual_.pass(3s);
  const auto events = body->events();
  ASSERT_THAT(events, ElementsAre(StartsWith("snapshot {")));
  EXPECT_THAT(events[0], HasSubstr("cache-0"));
}

TEST_F(UiTest, WhoIsSlowIsToldTheNewestLater) {
  const auto body = watch();
  body->events();
  body->waiting_ = 1 << 20;
  for (int epoch = 2; epoch < 50; ++epoch) {
    source_.put("shop", "orders", "orders-1", epoch);
    site_.live().groupChanged("shop/orders");
    manual_.pass(200ms);
  }
  EXPECT_THAT(body->events(), IsEmpty());
  body->waiting_ = 0;
  manual_.pass(5s);
  const auto events = body->events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(Json::parse(events[0].substr(6))["status"]["epoch"], 49);
}

TEST_F(UiTest, APulseSaysWhetherTheApiServerIsHeard) {
  const auto body = watch();
  body->events();
  manual_.pass(5s);
  EXPECT_THAT(body->events(), IsEmpty());
  source_.unheard_ = 45s;
  manual_.pass(5s);
  EXPECT_THAT(body->events(), ElementsAre(R"(pulse {"unheardSeconds":45})"));
}

TEST_F(UiTest, AStreamEndsWithItsSession) {
  const auto session = authenticator_.issue(*authenticator_.credentials()->users.at("admin"), "ui", clock_.now() + 10s);
  const auto body = std::make_shared<FakeBody>();
  ask(http::Method::Get, "/ui/api/events", {{"Cookie", "BATON_UI=" + session}}).stream(body);
  manual_.pass(6s);
  EXPECT_FALSE(body->ended_);
  manual_.pass(10s);
  EXPECT_TRUE(body->ended_);
}

TEST_F(UiTest, AStreamEndsWhenTheCredentialsChange) {
  const auto body = watch();
  authenticator_.replace(std::make_shared<const gateway::Credentials>(*authenticator_.credentials()));
  manual_.pass(6s);
  EXPECT_TRUE(body->ended_);
}

TEST_F(UiTest, AStreamEndsWhenThisReplicaStops) {
  const auto body = watch();
  site_.live().stop();
  EXPECT_TRUE(body->ended_);
  const auto late = watch();
  EXPECT_TRUE(late->ended_);
}

TEST_F(UiTest, WhoMayEverythingIsToldOfANewNamespaceToo) {
  const auto body = watch();
  body->events();
  source_.put("new", "cache", "cache-0", 1);
  site_.live().groupChanged("new/cache");
  manual_.pass(3s);
  const auto events = body->events();
  ASSERT_THAT(events, ElementsAre(StartsWith("snapshot {")));
  EXPECT_THAT(events[0], HasSubstr(R"("new":{"requests":true,"switch":true})"));
}

TEST_F(UiTest, AStateThatWasToldToOthersBeforeIsTold) {
  {
    const auto first = watch();
    first->ended_ = true;
    site_.live().groupChanged("shop/orders");
    manual_.pass(6s);
  }
  source_.put("shop", "orders", "orders-1", 2);  // while nobody looks
  const auto body = watch();
  body->events();
  source_.put("shop", "orders", "orders-0", 1);  // as the first one saw it
  site_.live().groupChanged("shop/orders");
  manual_.pass(100ms);
  EXPECT_THAT(body->events(), ElementsAre(HasSubstr(R"("primary":"orders-0")")));
}

TEST_F(UiTest, WhoWasProvedByOlderCredentialsIsNotLetIn) {
  const http::Response& r = get("/ui/api/events");
  authenticator_.replace(std::make_shared<const gateway::Credentials>(*authenticator_.credentials()));
  const auto body = std::make_shared<FakeBody>();
  r.stream(body);
  manual_.pass(0ms);
  EXPECT_TRUE(body->ended_);
}

TEST_F(UiTest, WhenNobodyCanSayWhatHeMayHeIsToldNothingAfterAWhile) {
  const auto body = watch();
  server_.down_ = true;
  manual_.pass(4min);
  EXPECT_FALSE(body->ended_);
  manual_.pass(3min);
  EXPECT_TRUE(body->ended_);
}

TEST_F(UiTest, ThoseWhoMayTheSameAreSentOneText) {
  const auto one = watch(), other = watch();
  manual_.pass(5s);
  EXPECT_EQ(one->last_, other->last_);
}

TEST_F(UiTest, ThereAreNotMoreViewersThanCanBeServed) {
  std::vector<std::shared_ptr<FakeBody>> all;
  for (size_t i = 0; i < Live::kMostOfUser; ++i) all.push_back(watch());
  EXPECT_EQ(get("/ui/api/events").status, 503);
  EXPECT_EQ(header("Retry-After"), "1");
  all.front()->ended_ = true;  // a browser that was closed
  manual_.pass(6s);
  EXPECT_EQ(get("/ui/api/events").status, 200);
}

}  // namespace
}  // namespace baton::ui
