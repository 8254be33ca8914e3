// A new leader may have an old cache: what it decides from is confirmed before its first effect. And writes whose
// answer is lost.
#include "unit/reconcile/reconciler_fixture.h"

namespace baton::reconcile {
namespace {

class Term : public ReconcilerTest {
 protected:
  Term() {
    reconciler_ = std::make_shared<GroupReconciler>(
        GroupReconciler::Parts{world_, writer_, mechanisms_, queue_, leadership_, announcer_, metrics_, clock_, true});
    server_.fault([this](const kube::ApiRequest& r) -> std::optional<Error> {
      if (r.method != http::Method::Get) return std::nullopt;
      ++reads_;
      return refused_;
    });
  }
  /// As its predecessor left it, by the watch.
  void haveDemoting() {
    haveGroup(Json::parse(R"({"hooks": {"demote": {"exec": {"command": ["x"]}}}})"));
    Json r = requestJson("move-1", "orders", {{"candidate", "orders-1"}});
    r["status"] = {{"phase", "Demoting"}, {"from", "orders-0"}, {"to", "orders-1"}, {"epoch", 3}};
    server_.put(kRequests, r);
    watch(kRequests, "move-1");
  }

  std::atomic<int> reads_{0};
  std::optional<Error> refused_;
};

TEST_F(Term, TheFirstEffectWaitsForTheApiServersWord) {
  haveDemoting();
  settle();
  EXPECT_EQ(reads_, 2) << "the pods and the request; the group it has just written itself";
  EXPECT_THAT(journal_.take(), ElementsAre("begin demote orders-0"));
}

TEST_F(Term, WhatIsOverIsNotDone) {
  haveDemoting();
  // The predecessor came further than the watch has told.
  server_.patch(kRequests, "move-1", {{"status", {{"phase", "Promoting"}, {"epoch", 4}}}});
  server_.patch(
      kGroups, "orders",
      {{"status",
        {{"primary", "orders-1"}, {"primaryUID", "uid-orders-1"}, {"epoch", 4}, {"activeRequest", "move-1"}}}});
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("begin SetStandby orders-0")) << "and no demote hook";
  EXPECT_EQ(phase(), "Promoting");
}

TEST_F(Term, ALabelThatItsWatchHasNotToldOfIsTakenAwayFirst) {
  havePod("orders-0", "standby");
  havePod("orders-1", "standby");
  havePod("orders-2", "standby");
  Json g = groupJson("orders");
  g["status"] = {{"phase", "NoPrimary"}, {"primary", "orders-1"}, {"primaryUID", "uid-orders-1"}, {"epoch", 4}};
  server_.put(kGroups, g);
  // The predecessor gave it the role, and did not come to take it away.
  server_.patch("pods", "orders-0", {{"metadata", {{"labels", {{"ha.baton.dev/role", "primary"}}}}}});
  watch(kGroups, "orders");
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("begin SetStandby orders-0")) << "before orders-1 gets it";
}

TEST_F(Term, NothingIsGrantedByARequestThatCameFurther) {
  haveDemoting();
  const Json behind = {{"phase", "Demoting"}, {"startTime", "2020-01-01T00:00:00Z"}};  // to be rolled back
  server_.patch(kRequests, "move-1", {{"status", behind}});
  watch(kRequests, "move-1");
  server_.patch(kRequests, "move-1", {{"status", {{"phase", "Promoting"}, {"epoch", 4}}}});
  server_.patch(
      kGroups, "orders",
      {{"status",
        {{"primary", "orders-1"}, {"primaryUID", "uid-orders-1"}, {"epoch", 4}, {"activeRequest", "move-1"}}}});
  watch(kGroups, "orders");
  turn();
  EXPECT_EQ(epoch(), 4) << "the group's write would have landed, as it is another object";
  EXPECT_EQ(phase(), "Promoting");
}

TEST_F(Term, ALabelIsReadAnewBeforeItIsTakenForARole) {
  for (int i = 0; i < 3; ++i) havePod("orders-" + std::to_string(i), i == 0 ? "primary" : "standby", "4");
  // It was taken away, and no watch has told.
  server_.patch("pods", "orders-0", {{"metadata", {{"labels", {{"ha.baton.dev/role", "standby"}}}}}});
  Json g = groupJson("orders", {{"failover", {{"mode", "Manual"}}}});
  g["status"] = {{"phase", "NoPrimary"}, {"formerPrimary", "orders-0"}, {"epoch", 4}};
  server_.put(kGroups, g);
  watch(kGroups, "orders");
  settle();
  EXPECT_FALSE(server_.get(kGroups, "orders")["status"].contains("primary"));
  havePod("orders-1", "primary", "4");
  settle();
  EXPECT_EQ(server_.get(kGroups, "orders")["status"].value("primary", ""), "orders-1");
}

TEST_F(Term, NothingIsBegunUntilItCanBeRead) {
  haveDemoting();
  refused_ = down();
  turn();
  EXPECT_THAT(journal_.take(), IsEmpty());
  EXPECT_EQ(queue_.retries("shop/orders"), 1);
  refused_.reset();
  turn();
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("begin demote orders-0"));
}

TEST_F(Term, WhatItStoredItselfNeedsNoConfirmation) {
  haveGroup(Json::parse(R"({"hooks": {"demote": {"exec": {"command": ["x"]}}}})"));
  ask("move-1");
  settle();
  EXPECT_EQ(reads_, 2) << "the pods and the other requests, once in a term";
  EXPECT_THAT(journal_.take(),
              UnorderedElementsAre("request move-1 Demoting", "group orders Switching, orders-0 at epoch 3",
                                   "begin demote orders-0"));
}

TEST_F(Term, NoRequestBeginsBesideOneOfAPredecessor) {
  haveGroup(Json::parse(R"({"hooks": {"demote": {"exec": {"command": ["x"]}}}})"));
  Json r = requestJson("move-1", "orders", {{"candidate", "orders-1"}});
  r["status"] = {{"phase", "Demoting"}, {"from", "orders-0"}, {"to", "orders-1"}, {"epoch", 3}};
  ask("move-2");
  server_.put(kRequests, r);  // and no watch has told
  settle();
  EXPECT_EQ(phase("move-2"), "Queued");
  EXPECT_THAT(journal_.take(), UnorderedElementsAre("request move-2 Queued", "begin demote orders-0"));
}

TEST_F(Term, EachTermConfirmsAnew) {
  haveDemoting();
  settle();
  reconciler_->abandon();
  queue_.add("shop/orders");
  settle();
  EXPECT_EQ(reads_, 5);
  EXPECT_THAT(journal_.take(), ElementsAre("begin demote orders-0", "begin demote orders-0"));
}

TEST_F(Term, AnAnswerOfAnEarlierTermConfirmsNothing) {
  haveDemoting();
  server_.hold();
  turn();
  reconciler_->abandon();
  server_.release();
  outside_.drain();
  queue_.add("shop/orders");
  settle();
  EXPECT_EQ(reads_, 5);
}

TEST_F(Term, AnActiveRequestThatTheWatchHasNotToldIsNotTakenForDeleted) {
  haveGroup(Json::parse(R"({"hooks": {"demote": {"exec": {"command": ["x"]}}}})"));
  Json r = requestJson("move-1", "orders", {{"candidate", "orders-1"}});
  r["status"] = {{"phase", "Demoting"}, {"from", "orders-0"}, {"to", "orders-1"}, {"epoch", 3}};
  server_.put(kRequests, r);
  server_.patch(kGroups, "orders",
                {{"status", {{"activeRequest", "move-1"}, {"activeRequestUID", r["metadata"]["uid"]}}}});
  watch(kGroups, "orders");
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("begin demote orders-0"));
}

TEST_F(Term, OneThatIsGoneIsTakenForDeleted) {
  haveGroup();
  server_.patch(kGroups, "orders", {{"status", {{"activeRequest", "move-1"}, {"activeRequestUID", "uid-1"}}}});
  watch(kGroups, "orders");
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("group orders Healthy, orders-0 at epoch 3"));
  EXPECT_FALSE(server_.get(kGroups, "orders")["status"].contains("activeRequest"));
}

TEST_F(Term, AGroupThatTheWatchHasNotToldIsNotSaidToBeMissing) {
  for (int i = 0; i < 3; ++i) havePod("orders-" + std::to_string(i), i == 0 ? "primary" : "standby");
  Json g = groupJson("orders", Json::object());
  g["status"] = {{"phase", "Healthy"}, {"primary", "orders-0"}, {"primaryUID", "uid-orders-0"}, {"epoch", 3}};
  server_.put(kGroups, g);
  ask("move-1");
  clock_.advance(ha::kGroupPatience);
  queue_.add("shop/orders");
  settle();
  EXPECT_EQ(phase(), "Demoting");
}

class LostAnswers : public ReconcilerTest {
 protected:
  static std::vector<std::string> reasonsOf(const std::vector<kube::Occurrence>& all) {
    std::vector<std::string> reasons;
    for (const auto& o : all) reasons.push_back(o.reason);
    return reasons;
  }
};

TEST_F(LostAnswers, AWriteThatIsStoredIsTold) {
  haveGroup();
  server_.loseAnswers(http::Method::Patch, 1, Error{Error::Kind::Timeout, "no answer within 30 s", {}, 0});
  ask("move-1");
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Demoting", "begin SetStandby orders-0"));
  EXPECT_THAT(reasonsOf(events_.take()), testing::Contains("Demoting"));
  EXPECT_EQ(queue_.retries("shop/orders"), 0);
}

TEST_F(LostAnswers, SoIsOneWhoseRepetitionMetItself) {
  haveGroup();
  server_.loseAnswers(http::Method::Patch, 1, Error{Error::Kind::Conflict, "the object has been modified", {}, 409});
  ask("move-1");
  settle();
  EXPECT_THAT(reasonsOf(events_.take()), testing::Contains("Demoting"));
}

TEST_F(LostAnswers, OneThatIsNotStoredIsRepeated) {
  haveGroup();
  refuse(http::Method::Patch, "move-1", Error{Error::Kind::Timeout, "no answer within 30 s", {}, 0});
  ask("move-1");
  turn();
  EXPECT_THAT(events_.take(), IsEmpty());
  EXPECT_EQ(queue_.retries("shop/orders"), 1);
  turn();
  settle();
  EXPECT_EQ(phase(), "Demoting");
}

}  // namespace
}  // namespace baton::reconcile
