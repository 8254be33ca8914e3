// Effects: who may begin them, when they are cancelled, whose result counts. And what the Lease allows.
#include "unit/reconcile/reconciler_fixture.h"

namespace baton::reconcile {
namespace {

class Effects : public ReconcilerTest {
 protected:
  static Json hooks() { return Json::parse(R"({"hooks": {"demote": {"exec": {"command": ["x"]}}}})"); }
  /// Request "move-1" is Demoting, and its hook runs.
  std::shared_ptr<Begun> demoting() {
    haveGroup(hooks());
    ask("move-1");
    settle();
    journal_.take();
    return mechanisms_.take("demote orders-0");
  }
  /// The same without a hook: the label is being written.
  std::shared_ptr<Begun> losingItsLabel() {
    haveGroup();
    ask("move-1");
    settle();
    journal_.take();
    return mechanisms_.take("SetStandby orders-0");
  }
  /// As a leader finds it that had no part in it.
  void haveDemoting(const std::string& name) {
    Json r = requestJson(name, "orders", {{"candidate", "orders-1"}});
    r["status"] = {{"phase", "Demoting"}, {"from", "orders-0"}, {"to", "orders-1"}, {"epoch", 3}};
    server_.put(kRequests, r);
    watch(kRequests, name);
  }
};

TEST_F(Effects, WithoutALeaseNothingIsWrittenOrBegun) {
  haveGroup();
  leadership_.lose();
  ask("move-1");
  haveDemoting("move-2");
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty());
  EXPECT_EQ(reconciler_->underWay(), 0U);
  EXPECT_GE(results("not_leader"), 1);
}

TEST_F(Effects, AShortLeaseIsWaitedFor) {
  haveGroup();
  leadership_.lead(1s);
  ask("move-1");
  turn();
  turn();  // it comes back by itself
  EXPECT_EQ(results("not_leader"), 2);
  EXPECT_THAT(journal_.take(), IsEmpty());
  leadership_.lead(15s);
  turn();
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Demoting", "begin SetStandby orders-0"));
}

TEST_F(Effects, AnEffectMayStartAsLongAsTheLeaseLasts) {
  const auto begun = demoting();
  leadership_.lead(5s);
  EXPECT_TRUE(begun->target.mayStart(5s));
  EXPECT_FALSE(begun->target.mayStart(5001ms));
  leadership_.lose();
  EXPECT_FALSE(begun->target.mayStart(0ms));
}

TEST_F(Effects, OneThatWasPutOffIsBegunAgainAndHasNotFailed) {
  const auto begun = demoting();
  leadership_.lead(1s);
  EXPECT_FALSE(begun->target.mayStart(10s));
  fail(*begun, "not leader any more");
  EXPECT_EQ(reconciler_->underWay(), 0U);
  turn();
  EXPECT_THAT(journal_.take(), IsEmpty()) << "the lease is not renewed yet";
  leadership_.lead(15s);
  turn();
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("begin demote orders-0"));
  EXPECT_EQ(phase(), "Demoting");
  succeed(*mechanisms_.take("demote orders-0"));
  settle();
  label("SetStandby orders-0");
  settle();
  EXPECT_EQ(phase(), "Promoting");
  EXPECT_EQ(server_.get(kRequests, "move-1").dump().find("not leader"), std::string::npos);
}

TEST_F(Effects, OneThatRunsIsNotBegunTwice) {
  demoting();
  for (int i = 0; i < 3; ++i) {
    queue_.add("shop/orders");
    turn();
  }
  EXPECT_THAT(journal_.take(), IsEmpty());
  EXPECT_EQ(reconciler_->underWay(), 1U);
}

TEST_F(Effects, OneThatFailsRollsBack) {
  const auto begun = demoting();
  fail(*begun, "exit code 1");
  settle();
  EXPECT_THAT(journal_.take(),
              UnorderedElementsAre("request move-1 RollingBack", "group orders Switching, orders-0 at epoch 4",
                                   "begin SetPrimary orders-0"));
  label("SetPrimary orders-0");
  settle();
  EXPECT_EQ(phase(), "RolledBack");
  EXPECT_EQ(reason(), "HookFailed");
  EXPECT_NE(server_.get(kRequests, "move-1")["status"]["message"].get<std::string>().find("exit code 1"),
            std::string::npos);
}

TEST_F(Effects, UnderWayAreEffectsAndWrites) {
  EXPECT_EQ(reconciler_->underWay(), 0U);
  const auto begun = losingItsLabel();
  EXPECT_EQ(reconciler_->underWay(), 1U);
  server_.hold();
  server_.patch(kRequests, "move-1", {{"spec", {{"cancel", true}}}, {"metadata", {{"generation", 2}}}});
  watch(kRequests, "move-1");
  turn();
  EXPECT_EQ(reconciler_->underWay(), 3U) << "request and group, and the label until they are stored";
  server_.release();
  outside_.drain();
  EXPECT_EQ(reconciler_->underWay(), 1U);
  settle();
  EXPECT_TRUE(begun->cancelled);
  EXPECT_EQ(reconciler_->underWay(), 1U) << "the label of the way back";
}

TEST_F(Effects, APhaseThatIsLeftTakesItsEffectsAlong) {
  const auto begun = losingItsLabel();
  server_.patch(kRequests, "move-1", {{"spec", {{"cancel", true}}}, {"metadata", {{"generation", 2}}}});
  watch(kRequests, "move-1");
  settle();
  EXPECT_TRUE(begun->cancelled);
  EXPECT_EQ(phase(), "RollingBack");
  journal_.take();
  succeed(*begun);
  EXPECT_EQ(queue_.depth(), 0U) << "a late result is no news";
  label("SetPrimary orders-0");
  settle();
  EXPECT_EQ(phase(), "Cancelled");
}

TEST_F(Effects, OneOfAnOlderGrantDoesNotCountForANewerOne) {
  haveGroup(Json::parse(R"({"hooks": {"promote": {"exec": {"command": ["x"]}}}})"));
  havePod("orders-0", "standby", "2");
  settle();
  const auto older = mechanisms_.take("promote orders-0");
  EXPECT_EQ(older->effect.epoch, 3);
  server_.patch(kGroups, "orders", {{"status", {{"epoch", 4}}}});
  watch(kGroups, "orders");
  settle();
  EXPECT_TRUE(older->cancelled);
  EXPECT_EQ(mechanisms_.take("promote orders-0")->effect.epoch, 4);
}

TEST_F(Effects, AHookThatTakesTheRoleAwayIsWaitedForBeforeTheWayBack) {
  const auto begun = demoting();
  server_.patch(kRequests, "move-1", {{"spec", {{"cancel", true}}}, {"metadata", {{"generation", 2}}}});
  watch(kRequests, "move-1");
  settle();
  EXPECT_FALSE(begun->cancelled);
  EXPECT_EQ(phase(), "Demoting");
  succeed(*begun);
  settle();
  EXPECT_EQ(phase(), "RollingBack");
  label("SetPrimary orders-0");
  settle();
  EXPECT_EQ(phase(), "Cancelled");
}

TEST_F(Effects, AbandonedOnesAreCancelledAndTheirResultsDropped) {
  const auto begun = demoting();
  reconciler_->abandon();
  EXPECT_TRUE(begun->cancelled);
  EXPECT_EQ(reconciler_->underWay(), 0U);
  fail(*begun, "aborted");
  EXPECT_EQ(queue_.depth(), 0U);
  queue_.add("shop/orders");  // leading again
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("begin demote orders-0"));
  EXPECT_EQ(phase(), "Demoting");
}

TEST_F(Effects, AbandonedOnesSayNothingAboutTheirSuccessors) {
  const auto first = demoting();
  reconciler_->abandon();
  queue_.add("shop/orders");
  settle();
  const auto second = mechanisms_.take("demote orders-0");
  journal_.take();
  fail(*first, "aborted");
  settle();
  EXPECT_EQ(phase(), "Demoting");
  EXPECT_EQ(reconciler_->underWay(), 1U);
  EXPECT_FALSE(second->cancelled);
  succeed(*second);
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("begin SetStandby orders-0"));
}

TEST_F(Effects, AWriteThatIsAnsweredAfterAbandonGoesOn) {
  haveGroup();
  ask("move-1");
  server_.hold();
  turn();
  reconciler_->abandon();
  EXPECT_EQ(reconciler_->underWay(), 1U) << "nobody can take it back";
  server_.release();
  outside_.drain();
  EXPECT_EQ(reconciler_->underWay(), 0U);
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Demoting", "begin SetStandby orders-0"));
}

TEST_F(Effects, AfterStopNothingIsBegun) {
  const auto begun = demoting();
  reconciler_->stop();
  EXPECT_TRUE(begun->cancelled);
  EXPECT_EQ(reconciler_->underWay(), 0U);
  succeed(*begun);
  ask("move-2");
  ask("move-3", Json::object(), "nobody");
  clock_.advance(10s);
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty());
  EXPECT_GE(results("stopped"), 1);
}

TEST_F(Effects, AfterStopAnAnswerStillCounts) {
  haveGroup();
  ask("move-1");
  server_.hold();
  turn();
  reconciler_->stop();
  EXPECT_EQ(reconciler_->underWay(), 1U);
  server_.release();
  outside_.drain();
  EXPECT_EQ(reconciler_->underWay(), 0U);
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Demoting"));
  EXPECT_FALSE(events_.take().empty());
}

TEST_F(Effects, AStopDuringADecisionLetsItStoreNothing) {
  haveGroup();
  ask("move-1");
  clock_.whenAsked = [this] { reconciler_->stop(); };
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty());
}

TEST_F(Effects, AStopDuringADecisionLetsItBeginNothing) {
  haveGroup();
  haveDemoting("move-1");
  clock_.whenAsked = [this] { reconciler_->stop(); };
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty());
  EXPECT_EQ(reconciler_->underWay(), 0U);
}

TEST_F(Effects, ADeletedRequestTakesItsEffectAlong) {
  const auto begun = losingItsLabel();
  remove(kRequests, "move-1");
  settle();
  EXPECT_TRUE(begun->cancelled);
  EXPECT_EQ(reconciler_->underWay(), 0U);
  EXPECT_FALSE(server_.get(kGroups, "orders")["status"].contains("activeRequest"));
  journal_.take();
  succeed(*begun);
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty());
}

TEST_F(Effects, AHookThatTakesTheRoleAwayForADeletedRequestIsWaitedFor) {
  haveGroup(
      Json::parse(R"({"hooks": {"demote": {"exec": {"command": ["x"]}}, "promote": {"exec": {"command": ["x"]}}}})"));
  ask("move-1");
  settle();
  const auto begun = mechanisms_.take("demote orders-0");
  journal_.take();
  remove(kRequests, "move-1");
  settle();
  EXPECT_FALSE(begun->cancelled);
  EXPECT_THAT(journal_.take(), IsEmpty());
  succeed(*begun);
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("group orders NoPrimary, orders-0 at epoch 4", "begin promote orders-0"));
}

TEST_F(Effects, OfADeletedRequestSaysNothingAboutTheNextOnes) {
  const auto first = losingItsLabel();
  remove(kRequests, "move-1");
  settle();
  ask("move-2");
  settle();
  const auto second = mechanisms_.take("SetStandby orders-0");
  journal_.take();
  succeed(*first);  // it took long to end
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty()) << "the second write has not ended";
  EXPECT_EQ(reconciler_->underWay(), 1U);
  EXPECT_EQ(phase("move-2"), "Demoting");
}

TEST_F(Effects, ADeletedGroupTakesItsEffectAlong) {
  const auto begun = demoting();
  remove(kGroups, "orders");
  settle();
  EXPECT_TRUE(begun->cancelled);
  EXPECT_EQ(reconciler_->underWay(), 0U);
  succeed(*begun);
  EXPECT_EQ(queue_.depth(), 0U);
}

TEST_F(Effects, OfADeletedGroupSaysNothingAboutTheNextOnes) {
  haveGroup(hooks());
  haveDemoting("move-1");
  settle();
  const auto first = mechanisms_.take("demote orders-0");
  Json again = server_.get(kGroups, "orders");
  remove(kGroups, "orders");
  settle();
  again["metadata"]["uid"] = "another";
  server_.put(kGroups, again);
  watch(kGroups, "orders");
  settle();
  const auto second = mechanisms_.take("demote orders-0");
  journal_.take();
  succeed(*first);
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty()) << "the second demote has not ended";
  EXPECT_EQ(reconciler_->underWay(), 1U);
}

}  // namespace
}  // namespace baton::reconcile
