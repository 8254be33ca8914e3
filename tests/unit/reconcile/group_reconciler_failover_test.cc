// Requests that Baton makes itself, and what keeps it from that.
#include "reconcile/detector.h"
#include "reconcile/fleet.h"
#include "unit/reconcile/reconciler_fixture.h"

namespace baton::reconcile {
namespace {

using testing::HasSubstr;

class Failover : public ReconcilerTest {
 protected:
  void useFleet(size_t most) {
    FleetRules rules;
    rules.mostFailovers = most;
    fleet_ = std::make_shared<Fleet>(
        rules, timers_, clock_, [] { return 1; }, [this](const std::string& key) { queue_.add(key); });
    GroupReconciler::Parts parts{world_, writer_, mechanisms_, queue_, leadership_, announcer_, metrics_, clock_};
    parts.fleet = fleet_.get();
    reconciler_ = std::make_shared<GroupReconciler>(parts);
  }
  void notReady(const std::string& pod, bool told = true) {
    Json p = server_.get("pods", pod);
    p["status"]["conditions"] = {{{"type", "Ready"}, {"status", "False"}}};
    server_.put("pods", p);
    if (told) watch("pods", pod);
  }
  void deleted(const std::string& pod, int graceSeconds) {
    Json p = server_.get("pods", pod);
    p["metadata"]["deletionTimestamp"] = formatTimeSeconds(begin() + std::chrono::seconds(graceSeconds));
    p["metadata"]["deletionGracePeriodSeconds"] = graceSeconds;
    server_.put("pods", p);
    watch("pods", pod);
  }
  static std::string name(const std::string& trigger = "failover") {
    std::string when;
    for (const char c : formatTimeSeconds(begin()))
      if (c != '-' && c != ':' && c != 'Z') when += c == 'T' ? 't' : c;
    return "orders-" + trigger + "-" + when;
  }
  std::shared_ptr<Fleet> fleet_;
};

TEST_F(Failover, IsMadeAsARequestAndCarriedOut) {
  haveGroup();
  notReady("orders-0");
  turn();
  turn();
  const Json made = server_.get(kRequests, name());
  EXPECT_EQ(api::text(made["metadata"]["labels"], "ha.baton.dev/trigger"), "failover");
  EXPECT_EQ(api::text(made["metadata"]["annotations"], "ha.baton.dev/requested-by"), "baton-controller");
  EXPECT_EQ(api::text(made["spec"], "mode"), "Forced");
  EXPECT_EQ(api::text(made["spec"], "expectedPrimary"), "orders-0");
  EXPECT_EQ(phase(name()), "Demoting");
  settle();
  label("SetStandby orders-0");
  settle();
  label("SetPrimary orders-1");
  settle();
  EXPECT_EQ(phase(name()), "Succeeded");
  EXPECT_EQ(epoch(), 4);
}

TEST_F(Failover, IsNotNeededWhenThePrimaryIsGivenTimeToEnd) {
  haveGroup();
  deleted("orders-0", 30);
  turn();
  EXPECT_EQ(api::text(server_.get(kRequests, name("drain"))["spec"], "mode"), "Planned");
}

TEST_F(Failover, IsMadeWhenThePrimaryIsKilledAtOnce) {
  haveGroup();
  deleted("orders-0", 0);
  turn();
  EXPECT_EQ(api::text(server_.get(kRequests, name())["spec"], "mode"), "Forced");
}

TEST_F(Failover, IsNotMadeFromACacheThatIsLate) {
  haveGroup();
  notReady("orders-0");
  havePod("orders-0", "primary");  // it is ready again; told in a moment
  Json late = server_.get("pods", "orders-0");
  notReady("orders-0");
  late["metadata"]["resourceVersion"] = "9000";
  server_.put("pods", late);
  settle();
  EXPECT_THAT(journal_.take(), testing::Not(testing::Contains(HasSubstr("create"))));
  EXPECT_EQ(epoch(), 3);
}

TEST_F(Failover, IsNotMadeOfAFailureThatIsOverWhenThePodWasRead) {
  haveGroup();
  notReady("orders-0");
  server_.hold();
  turn();  // asks for the pod, and waits
  Json ready = server_.get("pods", "orders-0");
  ready["status"]["conditions"] = {{{"type", "Ready"}, {"status", "True"}}};
  server_.put("pods", ready);
  watch("pods", "orders-0");
  server_.release();
  outside_.drain();
  settle();
  EXPECT_THAT(journal_.take(), testing::Not(testing::Contains(HasSubstr("create"))));
}

TEST_F(Failover, IsNotMadeWhenThePodCannotBeRead) {
  haveGroup();
  refuse(http::Method::Get, "pods/orders-0", down());
  notReady("orders-0");
  turn();
  EXPECT_THAT(journal_.take(), testing::Not(testing::Contains(HasSubstr("create"))));
  EXPECT_EQ(queue_.retries("shop/orders"), 1);
}

TEST_F(Failover, ANameThatIsTakenIsTriedAgainLater) {
  haveGroup();
  server_.put(kRequests, requestJson(name(), "others"));
  notReady("orders-0");
  turn();
  EXPECT_EQ(queue_.retries("shop/orders"), 1);
}

TEST_F(Failover, AsManyAsAllowedAtTheSameTime) {
  useFleet(1);
  haveGroup();
  ASSERT_TRUE(fleet_->reserve("shop/another"));
  notReady("orders-0");
  settle();
  EXPECT_THAT(journal_.take(), testing::Not(testing::Contains(HasSubstr("create"))));
  const auto g = api::statusFromJson(api::object(server_.get(kGroups, "orders"), "status"));
  const auto* blocked = api::findCondition(g.conditions, "FailoverBlocked");
  ASSERT_TRUE(blocked);
  EXPECT_EQ(blocked->reason.get(), "Concurrency");
  EXPECT_THAT(blocked->message, HasSubstr("would fail over from orders-0 to orders-1"));
  fleet_->forget("shop/another");
  settle();
  EXPECT_EQ(phase(name()), "Demoting");
}

TEST_F(Failover, WhatIsBlockedIsToldByAnEvent) {
  haveGroup(Json::parse(R"({"failover": {"mode": "Observe"}})"));
  notReady("orders-0");
  settle();
  const auto all = events_.take();
  const auto found =
      std::find_if(all.begin(), all.end(), [](const kube::Occurrence& o) { return o.reason == "WouldFailOver"; });
  ASSERT_NE(found, all.end());
  EXPECT_THAT(found->note,
              HasSubstr("Observing: orders-0: it is not ready; failover.mode is Observe; would fail over"));
}

}  // namespace
}  // namespace baton::reconcile
