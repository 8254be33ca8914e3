// Requests without a group, requests whose time is over, and decisions that fail.
#include "unit/reconcile/reconciler_fixture.h"

namespace baton::reconcile {
namespace {

class Ends : public ReconcilerTest {
 protected:
  /// A request that ended then, as the server and the watch have it.
  void haveEnded(const std::string& name, Time completion, int ttl, const std::string& group = "orders") {
    Json r = requestJson(name, group, {{"ttlSecondsAfterFinished", ttl}});
    r["status"] = {{"phase", "Succeeded"}, {"completionTime", formatTime(completion)}};
    server_.put(kRequests, r);
    watch(kRequests, name);
  }
  void look(const std::string& key) {
    queue_.add(key);
    settle();
  }
};

TEST_F(Ends, AnOrphanIsRejectedAfterThePatienceAndNotBefore) {
  ask("move-1", Json::object(), "nobody");
  settle();
  clock_.advance(2999ms);
  look("shop/nobody");
  EXPECT_THAT(journal_.take(), IsEmpty());
  EXPECT_EQ(phase(), "");
  clock_.advance(1ms);
  turn();  // the key comes by itself
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Rejected"));
  EXPECT_EQ(reason(), "GroupNotFound");
  EXPECT_GE(results("no_group"), 3);
  EXPECT_EQ(reconciler_->underWay(), 0U);
}

TEST_F(Ends, AnOrphansEndIsToldWithoutAGroup) {
  ask("move-1", Json::object(), "nobody");
  clock_.advance(3s);
  settle();
  const auto events = events_.take();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].regarding.kind, "SwitchoverRequest");
  EXPECT_EQ(events[0].reason, "GroupNotFound");
  EXPECT_FALSE(events[0].related);
  // Any name may stand in a request: no series of its own.
  const std::string text = textOf(metrics_);
  EXPECT_EQ(text.find("nobody"), std::string::npos);
  EXPECT_NE(text.find("GroupNotFound"), std::string::npos);
}

TEST_F(Ends, AGroupThatComesInTimeIsServed) {
  ask("move-1");
  settle();
  clock_.advance(2900ms);
  haveGroup();
  EXPECT_EQ(phase(), "Demoting");
}

TEST_F(Ends, ARoleChangeOfADeletedGroupFails) {
  haveGroup();
  ask("move-1");
  settle();
  clock_.advance(5s);
  remove(kGroups, "orders");
  settle();
  EXPECT_EQ(phase(), "Failed");
  EXPECT_EQ(reason(), "GroupNotFound");
  EXPECT_EQ(api::text(server_.get(kRequests, "move-1")["status"], "completionTime"), formatTime(clock_.now()));
}

TEST_F(Ends, EveryOrphanEnds) {
  ask("move-1", Json::object(), "nobody");
  ask("move-2", Json::object(), "nobody");
  clock_.advance(3s);
  server_.hold();
  turn();
  EXPECT_EQ(reconciler_->underWay(), 2U);
  server_.release();
  outside_.drain();
  settle();
  EXPECT_THAT(journal_.take(), UnorderedElementsAre("request move-1 Rejected", "request move-2 Rejected"));
}

TEST_F(Ends, AnOrphansFailedWriteIsTriedAgain) {
  ask("move-1", Json::object(), "nobody");
  clock_.advance(3s);
  refuse(http::Method::Patch, "move-1", down());
  turn();
  EXPECT_EQ(queue_.retries("shop/nobody"), 1);
  turn();
  settle();
  EXPECT_EQ(phase(), "Rejected");
}

TEST_F(Ends, AStopDuringADecisionRejectsNobody) {
  ask("move-1", Json::object(), "nobody");
  clock_.advance(3s);
  clock_.whenAsked = [this] { reconciler_->stop(); };
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty());
}

TEST_F(Ends, FinishedRequestsAreRemovedWhenTheirTimeIsOver) {
  haveGroup();
  haveEnded("old", clock_.now(), 60);
  haveEnded("older", clock_.now() - 30s, 60);
  clock_.advance(30s - 1ms);
  look("shop/orders");
  EXPECT_THAT(journal_.take(), IsEmpty());
  clock_.advance(1ms);
  turn();  // the key comes by itself
  EXPECT_THAT(journal_.take(), ElementsAre("delete switchoverrequests/older"));
  clock_.advance(30s);
  look("shop/orders");
  EXPECT_THAT(journal_.take(), ElementsAre("delete switchoverrequests/old"));
}

TEST_F(Ends, FinishedOrphansAreRemovedToo) {
  haveEnded("old", clock_.now(), 60, "nobody");
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty());
  clock_.advance(60s);
  look("shop/nobody");
  EXPECT_THAT(journal_.take(), ElementsAre("delete switchoverrequests/old"));
}

TEST_F(Ends, OnlyThatVeryRequestIsRemoved) {
  haveGroup();
  haveEnded("old", clock_.now() - 60s, 60);
  Json again = requestJson("old", "orders");
  again["metadata"]["uid"] = "another";
  server_.put(kRequests, again);  // the watch has not told yet
  settle();
  EXPECT_EQ(server_.get(kRequests, "old")["metadata"]["uid"], "another");
  EXPECT_EQ(queue_.retries("shop/orders"), 0);
}

TEST_F(Ends, ARequestThatIsGoneNeedsNoRemoval) {
  haveGroup();
  haveEnded("old", clock_.now() - 60s, 60);
  server_.erase(kRequests, "old");
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty());
  EXPECT_EQ(queue_.retries("shop/orders"), 0);
  EXPECT_EQ(results("error"), 0);
}

TEST_F(Ends, AStopDuringADecisionRemovesNothing) {
  haveGroup();
  haveEnded("old", clock_.now() - 60s, 60);
  clock_.whenAsked = [this] { reconciler_->stop(); };
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty());
}

TEST_F(Ends, WithoutALeaseNothingIsRemoved) {
  haveGroup();
  haveEnded("old", clock_.now() - 60s, 60);
  leadership_.lose();
  settle();
  EXPECT_THAT(journal_.take(), IsEmpty());
}

TEST_F(Ends, ADecisionThatFailsStopsNoOtherGroup) {
  haveGroup();
  ask("move-1");
  ask("move-2", Json::object(), "nobody");
  clock_.advance(3s);
  clock_.whenAsked = [left = 1]() mutable {
    if (left-- > 0) throw std::runtime_error("a fault of the program");
  };
  turn();
  EXPECT_EQ(results("error"), 1);
  EXPECT_EQ(queue_.retries("shop/orders"), 1);
  EXPECT_THAT(journal_.take(), IsEmpty());
  turn();
  EXPECT_EQ(phase("move-2"), "Rejected");
  while (phase() != "Demoting" && !HasFatalFailure()) turn();  // after a pause
  EXPECT_EQ(queue_.retries("shop/orders"), 0);
}

TEST_F(Ends, ARequestThatWaitedForAGroupThatIsMadeAnewGoesOn) {
  for (const char* name : {"orders-0", "orders-1"}) havePod(name, "standby");
  Json g = groupJson("orders", {{"bootstrap", "Manual"}});
  g["status"] = {{"primary", "orders-0"}, {"primaryUID", "uid-orders-0"}, {"epoch", 3}};
  server_.put(kGroups, g);
  watch(kGroups, "orders");
  ask("move-1");
  settle();
  EXPECT_EQ(phase(), "Pending") << "orders-0 has no label yet";
  remove(kGroups, "orders");
  g.erase("status");
  g["metadata"]["uid"] = "another";
  server_.put(kGroups, g);
  watch(kGroups, "orders");
  settle();
  EXPECT_EQ(results("error"), 0);
  EXPECT_EQ(phase(), "Promoting") << "it gives the new group its first primary";
}

}  // namespace
}  // namespace baton::reconcile
