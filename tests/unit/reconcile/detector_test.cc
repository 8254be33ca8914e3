#include "reconcile/detector.h"

#include "unit/reconcile/reconciler_fixture.h"

namespace baton::reconcile {
namespace {

using State = ha::EffectResult::State;

/// Real timers, calls that the test answers.
class Detecting : public ReconcilerTest {
 protected:
  Detecting() {
    FleetRules rules;
    fleet_ = std::make_shared<Fleet>(
        rules, timers_, clock_, [] { return 1; }, [](const std::string&) {});
    detector_ = std::make_shared<Detector>(Detector::Parts{mechanisms_, timers_, Clock::real(), leadership_, *fleet_,
                                                           [this](const std::string&) { ++changes_; }});
  }
  ~Detecting() override { detector_->reset(); }

  static Json probed() {
    return Json::parse(R"({"detection": {"source": "Probe", "periodSeconds": 1},
                           "hooks": {"probe": {"exec": {"command": ["x"]}}}, "failover": {"mode": "Manual"}})");
  }
  View view() { return *world_.view("shop", "orders", clock_.now()); }
  std::shared_ptr<Begun> call(const std::string& pod) {
    for (int i = 0; i < 500; ++i) {
      try {
        return mechanisms_.take("probe " + pod);
      } catch (const std::runtime_error&) {
        std::this_thread::sleep_for(10ms);
      }
    }
    throw std::runtime_error("no call of " + pod);
  }
  void answer(const Begun& b, State state, std::optional<ha::Report> report, bool refused = false) {
    ha::EffectResult r;
    r.state = state;
    r.report = report;
    if (refused) r.contact = ha::Contact::Refused;
    b.done(r);
  }
  ha::Observation seen(const std::string& pod) {
    ha::Snapshot s = view().snapshot;
    detector_->fill("shop/orders", s);
    return s.member(pod)->seen;
  }

  std::atomic<int> changes_{0};
  std::shared_ptr<Fleet> fleet_;
  std::shared_ptr<Detector> detector_;
};

TEST_F(Detecting, CallsEachMemberAndKeepsWhatItSays) {
  haveGroup(probed());
  detector_->track("shop/orders", view());
  const auto a = call("orders-0"), b = call("orders-1");
  call("orders-2");
  EXPECT_EQ(a->effect.tries, 1);
  EXPECT_EQ(a->effect.role, "primary");
  EXPECT_EQ(b->effect.role, "standby");
  answer(*a, State::Done, ha::Report{true, 7, true});
  EXPECT_TRUE(seen("orders-0").answers);
  EXPECT_EQ(seen("orders-0").last->position, 7);
  EXPECT_EQ(changes_, 1);
  EXPECT_FALSE(seen("orders-1").answers);
}

TEST_F(Detecting, WhoWasStillAskedWhenARoundBeganIsAskedAgainAtOnce) {
  haveGroup(probed());
  detector_->track("shop/orders", view());
  const auto slow = call("orders-0");
  answer(*call("orders-1"), State::Done, ha::Report{false, 7, true});
  call("orders-1");  // the next round
  answer(*slow, State::Failed, std::nullopt);
  EXPECT_NO_THROW(mechanisms_.take("probe orders-0"));
}

TEST_F(Detecting, RefusedTwiceWhileAnotherAnswersIsFailed) {
  haveGroup(probed());
  detector_->track("shop/orders", view());
  const auto first = call("orders-0");
  answer(*call("orders-1"), State::Done, ha::Report{false, 7, true});
  answer(*first, State::Failed, std::nullopt, true);  // everybody is asked again, at once
  answer(*call("orders-1"), State::Done, ha::Report{false, 7, true});
  answer(*call("orders-0"), State::Failed, std::nullopt, true);
  EXPECT_TRUE(seen("orders-0").failed);
  EXPECT_TRUE(detector_->troubleFor("shop/orders", "orders-0"));
}

TEST_F(Detecting, WhatEndsWithoutTheLeaseSaysNothing) {
  haveGroup(probed());
  detector_->track("shop/orders", view());
  const auto a = call("orders-0");
  leadership_.lose();
  answer(*a, State::Failed, std::nullopt, true);
  EXPECT_FALSE(seen("orders-0").silent);
  EXPECT_EQ(changes_, 0);
}

TEST_F(Detecting, IsNotConcernedWithGroupsThatAreNotProbed) {
  haveGroup(probed());
  detector_->track("shop/orders", view());
  const auto a = call("orders-0");
  Json g = server_.get(kGroups, "orders");
  g["spec"]["detection"]["source"] = "Readiness";
  server_.put(kGroups, g);
  watch(kGroups, "orders");
  detector_->track("shop/orders", view());
  EXPECT_TRUE(a->cancelled);
  answer(*a, State::Done, ha::Report{true, 7, true});
  EXPECT_FALSE(seen("orders-0").answers);
}

TEST_F(Detecting, AnotherPodOfTheNameHasSaidNothing) {
  haveGroup(probed());
  detector_->track("shop/orders", view());
  const auto a = call("orders-0");
  answer(*a, State::Done, ha::Report{true, 7, true});
  Json p = server_.get("pods", "orders-0");
  p["metadata"]["uid"] = "another";
  server_.put("pods", p);
  watch("pods", "orders-0");
  detector_->track("shop/orders", view());
  EXPECT_FALSE(seen("orders-0").answers);
}

TEST_F(Detecting, MembersThatNoneOfWhichAnswersAreOutOfReach) {
  haveGroup(probed());
  detector_->track("shop/orders", view());
  for (int round = 0; round < 3; ++round)
    for (const char* pod : {"orders-0", "orders-1", "orders-2"}) answer(*call(pod), State::Failed, std::nullopt);
  ha::Snapshot s = view().snapshot;
  detector_->fill("shop/orders", s);
  EXPECT_TRUE(s.blind);
  EXPECT_FALSE(s.member("orders-0")->seen.failed);
}

}  // namespace
}  // namespace baton::reconcile
