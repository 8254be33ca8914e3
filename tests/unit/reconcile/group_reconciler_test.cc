// Role changes from the request to its end: what is written and begun, in which order, and what a failed write changes.
#include "unit/reconcile/reconciler_fixture.h"

namespace baton::reconcile {
namespace {

using Switchover = ReconcilerTest;

TEST_F(Switchover, OfLabelsAloneWritesInItsOrder) {
  haveGroup();
  const int before = server_.asked();
  ask("move-1");
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Demoting", "begin SetStandby orders-0"));
  label("SetStandby orders-0");
  EXPECT_THAT(journal_.take(), ElementsAre("pod orders-0 standby"));
  settle();
  Lines lines = journal_.take();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines.back(), "begin SetPrimary orders-1");
  lines.pop_back();
  EXPECT_THAT(lines, UnorderedElementsAre("request move-1 Promoting", "group orders Switching, orders-1 at epoch 4"));
  label("SetPrimary orders-1");
  EXPECT_THAT(journal_.take(), ElementsAre("pod orders-1 primary"));
  settle();
  EXPECT_THAT(journal_.take(),
              UnorderedElementsAre("request move-1 Succeeded", "group orders Healthy, orders-1 at epoch 4"));
  EXPECT_EQ(server_.asked() - before, 5) << "three writes of the request, two of the group, and nothing else";
  EXPECT_EQ(reconciler_->underWay(), 0U);
  EXPECT_EQ(results("error"), 0);
}

TEST_F(Switchover, ItsEndIsToldEverywhere) {
  haveGroup();
  ask("move-1");
  settle();
  clock_.advance(40ms);
  label("SetStandby orders-0");
  settle();
  clock_.advance(20ms);
  label("SetPrimary orders-1");
  settle();
  const Json status = server_.get(kRequests, "move-1")["status"];
  EXPECT_EQ(status["from"], "orders-0");
  EXPECT_EQ(status["to"], "orders-1");
  EXPECT_EQ(status["epoch"], 4);
  EXPECT_EQ(status["unavailableMilliseconds"], 20);
  const Json group = server_.get(kGroups, "orders")["status"];
  EXPECT_EQ(group["primaryUID"], "uid-orders-1");
  EXPECT_EQ(group["lastRoleChange"]["request"], "move-1");
  EXPECT_FALSE(group.contains("activeRequest"));
  const std::string text = textOf(metrics_);
  EXPECT_EQ(valueOf(text, R"(baton_switchovers_total{group="orders",mode="Planned",namespace="shop",reason="",)"
                          R"(result="Succeeded",trigger="user"})"),
            1);
  Lines told;
  for (const auto& e : events_.take())
    if (e.regarding.kind == "SwitchoverRequest") told.push_back(e.reason);
  EXPECT_THAT(told, ElementsAre("Demoting", "Promoting", "Succeeded"));
}

TEST_F(Switchover, ALabelIsWrittenForThePodAndEpochOfTheGrant) {
  haveGroup();
  ask("move-1");
  settle();
  label("SetStandby orders-0");
  settle();
  const auto begun = mechanisms_.take("SetPrimary orders-1");
  EXPECT_EQ(begun->effect.epoch, 4);
  EXPECT_EQ(begun->effect.role, "primary");
  EXPECT_EQ(begun->effect.request, "move-1");
  ASSERT_NE(begun->target.pod, nullptr);
  EXPECT_EQ(begun->target.pod->meta.uid, "uid-orders-1");
  ASSERT_NE(begun->target.primaryPod, nullptr);
  EXPECT_EQ(begun->target.primaryPod->meta.name, "orders-1");
  EXPECT_THAT(begun->target.otherMembers, UnorderedElementsAre("orders-0", "orders-2"));
  EXPECT_EQ(begun->target.group->status.epoch, 4);
}

TEST_F(Switchover, TheNextRequestBeginsWhenTheFirstHasEnded) {
  haveGroup();
  ask("move-1");
  ask("move-2", {{"candidate", "orders-2"}});
  settle();
  EXPECT_EQ(phase(), "Demoting");
  EXPECT_EQ(phase("move-2"), "Queued");
  label("SetStandby orders-0");
  settle();
  label("SetPrimary orders-1");
  settle();
  EXPECT_EQ(phase(), "Succeeded");
  EXPECT_EQ(phase("move-2"), "Demoting");
  label("SetStandby orders-1");
  settle();
  label("SetPrimary orders-2");
  settle();
  EXPECT_EQ(phase("move-2"), "Succeeded");
  EXPECT_EQ(epoch(), 5);
}

TEST_F(Switchover, AConflictIsDecidedAnewFromTheNewerVersionAtOnce) {
  haveGroup();
  ask("move-1");
  server_.patch(kRequests, "move-1", {{"spec", {{"cancel", true}}}, {"metadata", {{"generation", 2}}}});
  turn();
  EXPECT_THAT(journal_.take(), IsEmpty());
  EXPECT_THAT(events_.take(), IsEmpty());
  EXPECT_EQ(queue_.depth(), 1U) << "without a pause";
  EXPECT_EQ(queue_.retries("shop/orders"), 0);
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Cancelled"));
}

TEST_F(Switchover, AConflictOfTheGroupIsDecidedAnewToo) {
  haveGroup();
  ask("move-1");
  settle();
  label("SetStandby orders-0");
  server_.patch(kGroups, "orders", {{"metadata", {{"labels", {{"team", "a"}}}}}});
  settle();
  EXPECT_EQ(phase(), "Promoting");
  EXPECT_EQ(epoch(), 4);
  EXPECT_EQ(queue_.retries("shop/orders"), 0);
  label("SetPrimary orders-1");
  settle();
  EXPECT_EQ(phase(), "Succeeded");
  EXPECT_EQ(epoch(), 4);
}

TEST_F(Switchover, AConflictWhoseNewerVersionCannotBeReadIsTriedAfterAPause) {
  haveGroup();
  ask("move-1");
  server_.patch(kRequests, "move-1", {{"metadata", {{"labels", {{"team", "a"}}}}}});
  refuse(http::Method::Get, "move-1", down());
  turn();
  EXPECT_EQ(queue_.retries("shop/orders"), 1) << "the same decision would only conflict again";
  turn();
  settle();
  EXPECT_EQ(phase(), "Demoting");
}

TEST_F(Switchover, AFailedWriteIsTriedAgainAfterAPause) {
  haveGroup();
  ask("move-1");
  refuse(http::Method::Patch, "move-1", down(), 2);
  turn();
  EXPECT_EQ(queue_.retries("shop/orders"), 1);
  EXPECT_THAT(events_.take(), IsEmpty());
  turn();
  EXPECT_EQ(queue_.retries("shop/orders"), 2);
  EXPECT_THAT(journal_.take(), IsEmpty());
  turn();
  EXPECT_EQ(queue_.retries("shop/orders"), 0);
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Demoting", "begin SetStandby orders-0"));
}

TEST_F(Switchover, ARequestThatIsGoneIsNotWrittenAgainWithoutAPause) {
  haveGroup();
  ask("move-1");
  server_.erase(kRequests, "move-1");  // the watch has not told yet
  turn();
  EXPECT_EQ(queue_.retries("shop/orders"), 1) << "nothing is known that would change the decision";
  EXPECT_THAT(journal_.take(), IsEmpty());
  EXPECT_EQ(reconciler_->underWay(), 0U);
}

TEST_F(Switchover, TheLostOneOfTwoJointWritesIsWrittenBeforeTheEffect) {
  haveGroup();
  ask("move-1");
  settle();
  label("SetStandby orders-0");
  journal_.take();
  refuse(http::Method::Patch, "hagroups/orders", down());
  turn();
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Promoting"));
  EXPECT_EQ(queue_.retries("shop/orders"), 1);
  turn();
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("group orders Switching, orders-1 at epoch 4", "begin SetPrimary orders-1"));
}

TEST_F(Switchover, TheOtherOneOfTwoJointWritesMayBeLostToo) {
  haveGroup();
  ask("move-1");
  settle();
  label("SetStandby orders-0");
  journal_.take();
  refuse(http::Method::Patch, "switchoverrequests/move-1", down());
  turn();
  EXPECT_THAT(journal_.take(), ElementsAre("group orders Switching, orders-1 at epoch 4"));
  turn();
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Promoting", "begin SetPrimary orders-1"));
  EXPECT_EQ(epoch(), 4) << "one grant, though it was decided on twice";
}

TEST_F(Switchover, NothingIsDecidedWhileAWriteIsInFlight) {
  haveGroup();
  ask("move-1");
  server_.hold();
  turn();
  EXPECT_EQ(reconciler_->underWay(), 1U);
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Demoting"));
  for (int i = 0; i < 3; ++i) {
    queue_.add("shop/orders");
    turn();
  }
  EXPECT_EQ(results("writing"), 3);
  EXPECT_THAT(journal_.take(), IsEmpty());
  EXPECT_THAT(events_.take(), IsEmpty());
  server_.release();
  outside_.drain();
  EXPECT_EQ(reconciler_->underWay(), 0U);
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("begin SetStandby orders-0"));
}

TEST_F(Switchover, BothAnswersOfAJointWriteAreWaitedFor) {
  haveGroup();
  ask("move-1");
  settle();
  label("SetStandby orders-0");
  server_.hold();
  turn();
  EXPECT_EQ(reconciler_->underWay(), 2U);
  journal_.take();
  queue_.add("shop/orders");
  turn();
  EXPECT_EQ(results("writing"), 1);
  server_.release();
  outside_.drain();
  EXPECT_EQ(reconciler_->underWay(), 0U);
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("begin SetPrimary orders-1"));
}

TEST_F(Switchover, AnAnswerThatCameByTheWatchFirstChangesNothing) {
  haveGroup();
  ask("move-1");
  server_.hold();
  turn();
  watch(kRequests, "move-1");
  server_.release();
  outside_.drain();
  settle();
  EXPECT_THAT(journal_.take(), ElementsAre("request move-1 Demoting", "begin SetStandby orders-0"));
  size_t told = 0;
  for (const auto& e : events_.take()) told += e.regarding.kind == "SwitchoverRequest" ? 1 : 0;
  EXPECT_EQ(told, 1U);
}

TEST_F(Switchover, ALabelThatCouldNotBeWrittenIsWrittenAgain) {
  haveGroup();
  ask("move-1");
  settle();
  const auto begun = mechanisms_.take("SetStandby orders-0");
  fail(*begun, "HTTP status 500");
  settle();
  EXPECT_EQ(phase(), "Demoting");
  clock_.advance(1s);
  turn();
  EXPECT_THAT(journal_.take(), testing::Contains("begin SetStandby orders-0").Times(2));
}

}  // namespace
}  // namespace baton::reconcile
