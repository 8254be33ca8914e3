// What is told of a role change: on which objects, how loudly, and how often.
#include "reconcile/announcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/event_series.h"
#include "unit/reconcile/metrics_text.h"
#include "unit/reconcile/objects.h"
#include "unit/reconcile/outside.h"

namespace baton::reconcile {
namespace {

using namespace std::chrono_literals;
using api::GroupPhase;
using api::Phase;
using api::Reason;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Lines = std::vector<std::string>;

class Announcing : public testing::Test {
 protected:
  static api::SwitchoverRequest at(Phase phase, Reason reason = Reason::None) {
    api::SwitchoverRequest r = request("move-1");
    r.status.phase = phase;
    r.status.reason = reason;
    r.status.from = "orders-0";
    r.status.to = "orders-1";
    r.status.epoch = 4;
    r.status.message = "as it is.";
    if (api::finished(phase)) r.status.completion = begin() + 3s;
    return r;
  }
  /// "HaGroup Demoting" for each Event, in their order.
  Lines told(const api::SwitchoverRequest& before, const api::SwitchoverRequest& after, bool withGroup = true) {
    announcer_.request(before, after, withGroup ? &group_ : nullptr, &from_, &to_);
    last_ = events_.take();
    Lines lines;
    for (const auto& o : last_) lines.push_back(o.regarding.kind + " " + o.regarding.name + " " + o.reason);
    return lines;
  }
  Lines told(Phase before, Phase after, Reason reason = Reason::None) { return told(at(before), at(after, reason)); }
  Lines toldOfGroup(const api::HaGroupStatus& before, const api::HaGroupStatus& after) {
    api::HaGroup a = group_, b = group_;
    a.status = before;
    b.status = after;
    announcer_.group(a, b);
    last_ = events_.take();
    Lines lines;
    for (const auto& o : last_) lines.push_back(o.reason);
    return lines;
  }
  std::optional<double> metric(const std::string& series) { return valueOf(textOf(metrics_), series); }

  const api::HaGroup group_ = group("orders");
  const api::Pod from_ = pod("orders-0", {}), to_ = pod("orders-1", {});
  FakeEvents events_;
  Metrics metrics_{"1.0", "abc"};
  Announcer announcer_{events_, metrics_};
  std::vector<kube::Occurrence> last_;
};

TEST_F(Announcing, EachPhaseIsToldOnTheRequest) {
  EXPECT_THAT(told(Phase::Demoting, Phase::CatchingUp), ElementsAre("SwitchoverRequest move-1 CatchingUp"));
  EXPECT_THAT(told(Phase::Promoting, Phase::Routing), ElementsAre("SwitchoverRequest move-1 Routing"));
  EXPECT_THAT(told(Phase::Routing, Phase::Verifying), ElementsAre("SwitchoverRequest move-1 Verifying"));
  EXPECT_THAT(told(Phase::None, Phase::Pending), ElementsAre("SwitchoverRequest move-1 Pending"));
  EXPECT_THAT(told(Phase::Pending, Phase::Queued), ElementsAre("SwitchoverRequest move-1 Queued"));
  EXPECT_THAT(told(Phase::None, Phase::Scheduled), ElementsAre("SwitchoverRequest move-1 Scheduled"));
}

TEST_F(Announcing, ThePhaseThatLastsIsNotToldAgain) {
  for (const Phase p : {Phase::None, Phase::Queued, Phase::Demoting, Phase::Succeeded}) {
    auto after = at(p);
    after.status.message = "something else.";
    EXPECT_THAT(told(at(p), after), IsEmpty()) << name(p);
  }
}

TEST_F(Announcing, BeginningIsToldOnTheGroup) {
  EXPECT_THAT(told(Phase::Queued, Phase::Validating),
              ElementsAre("SwitchoverRequest move-1 Validating", "HaGroup orders Validating"));
  EXPECT_THAT(
      told(Phase::None, Phase::Demoting),
      UnorderedElementsAre("SwitchoverRequest move-1 Demoting", "HaGroup orders Demoting", "Pod orders-0 Demoting"));
  EXPECT_THAT(
      told(Phase::Scheduled, Phase::Promoting),
      UnorderedElementsAre("SwitchoverRequest move-1 Promoting", "HaGroup orders Promoting", "Pod orders-1 Promoting"));
  // It began with its validation.
  EXPECT_THAT(told(Phase::Validating, Phase::Demoting),
              UnorderedElementsAre("SwitchoverRequest move-1 Demoting", "Pod orders-0 Demoting"));
}

TEST_F(Announcing, PodsHearOfTheirPart) {
  EXPECT_THAT(told(Phase::Demoting, Phase::Promoting),
              UnorderedElementsAre("SwitchoverRequest move-1 Promoting", "Pod orders-1 Promoting"));
  EXPECT_EQ(last_.back().action, "Promote");
  EXPECT_THAT(told(Phase::Demoting, Phase::Fencing),
              UnorderedElementsAre("SwitchoverRequest move-1 Fencing", "Pod orders-0 Fencing"));
  EXPECT_EQ(last_.back().action, "Demote");
  ASSERT_TRUE(last_.back().related);
  EXPECT_EQ(last_.back().related->kind, "SwitchoverRequest");
  EXPECT_EQ(last_.back().regarding.uid, "uid-orders-0");
}

TEST_F(Announcing, APodThatIsNotThereHearsNothing) {
  announcer_.request(at(Phase::Validating), at(Phase::Demoting), &group_, nullptr, nullptr);
  announcer_.request(at(Phase::Demoting), at(Phase::Promoting), &group_, nullptr, nullptr);
  for (const auto& o : events_.take()) EXPECT_EQ(o.regarding.kind, "SwitchoverRequest");
}

TEST_F(Announcing, ARollbackIsToldOnAllThatItTouches) {
  EXPECT_THAT(told(Phase::CatchingUp, Phase::RollingBack, Reason::HookFailed),
              UnorderedElementsAre("SwitchoverRequest move-1 RollingBack", "HaGroup orders RollingBack",
                                   "Pod orders-0 RollingBack"));
  for (const auto& o : last_) EXPECT_EQ(o.severity, kube::Severity::Warning) << o.regarding.kind;
  EXPECT_EQ(last_.back().action, "Promote") << "the old primary gets the role back";
}

TEST_F(Announcing, TheEndIsToldByItsReason) {
  struct End {
    Phase phase;
    Reason reason;
    const char* word;
    kube::Severity severity;
  };
  const End ends[] = {{Phase::Succeeded, Reason::None, "Succeeded", kube::Severity::Normal},
                      {Phase::Cancelled, Reason::CancelledByUser, "CancelledByUser", kube::Severity::Normal},
                      {Phase::Rejected, Reason::TooFrequent, "TooFrequent", kube::Severity::Warning},
                      {Phase::RolledBack, Reason::HookFailed, "HookFailed", kube::Severity::Warning},
                      {Phase::Failed, Reason::PodGone, "PodGone", kube::Severity::Warning}};
  for (const auto& end : ends) {
    const std::string word = end.word;
    EXPECT_THAT(told(Phase::Promoting, end.phase, end.reason),
                ElementsAre("SwitchoverRequest move-1 " + word, "HaGroup orders " + word));
    for (const auto& o : last_) {
      EXPECT_EQ(o.severity, end.severity) << word;
      EXPECT_NE(o.note.find("as it is."), std::string::npos) << o.note;
    }
  }
}

TEST_F(Announcing, OnlyTheRequestsEndIsUrgent) {
  told(Phase::Promoting, Phase::Succeeded);
  ASSERT_EQ(last_.size(), 2U);
  for (const auto& o : last_) EXPECT_EQ(o.urgent, o.regarding.kind == "SwitchoverRequest");
  for (const Phase p : {Phase::Demoting, Phase::Promoting, Phase::RollingBack}) {
    told(Phase::None, p);
    for (const auto& o : last_) EXPECT_FALSE(o.urgent) << name(p) << " on " << o.regarding.kind;
  }
}

TEST_F(Announcing, ADryRunConcernsNobodyElse) {
  auto after = at(Phase::Succeeded);
  after.spec.dryRun = true;
  EXPECT_THAT(told(at(Phase::None), after), ElementsAre("SwitchoverRequest move-1 Succeeded"));
}

TEST_F(Announcing, NotesNameThePodsAndTheEpoch) {
  told(Phase::None, Phase::Demoting);
  EXPECT_EQ(last_[0].note, "request move-1: demoting orders-0, the role goes to orders-1.");
  told(Phase::Demoting, Phase::Promoting);
  EXPECT_EQ(last_[0].note, "request move-1: promoting orders-1 at epoch 4.");
}

TEST_F(Announcing, AnEndHasOneNameHoweverOftenItIsTold) {
  kube::EventSettings mine, theirs;
  mine.reportingInstance = "me";
  theirs.reportingInstance = "the next leader";
  kube::EventSeries first(mine), second(theirs);
  const auto end = at(Phase::Failed, Reason::TimedOut);
  told(at(Phase::Promoting), end);
  const auto once = first.add(last_[0], Steady()), again = second.add(Announcer::ending(end), Steady() + 1h);
  ASSERT_TRUE(once && again);
  EXPECT_EQ(once->name, again->name);
  EXPECT_FALSE(first.add(Announcer::ending(end), Steady() + 1s));
  EXPECT_TRUE(Announcer::ending(end).urgent);
  auto other = end;
  other.meta.uid = "another";
  EXPECT_NE(first.add(Announcer::ending(other), Steady())->name, once->name);
}

TEST_F(Announcing, EndsAreCountedOnce) {
  const std::string series =
      R"(baton_switchovers_total{group="orders",mode="Planned",namespace="shop",reason="HookFailed",)"
      R"(result="RolledBack",trigger="user"})";
  told(Phase::Demoting, Phase::RollingBack, Reason::HookFailed);
  EXPECT_FALSE(metric(series));
  told(Phase::RollingBack, Phase::RolledBack, Reason::HookFailed);
  told(Phase::RolledBack, Phase::RolledBack, Reason::HookFailed);
  EXPECT_EQ(metric(series), 1);
}

TEST_F(Announcing, AGroupThatIsNotThereGetsNoSeries) {
  EXPECT_THAT(told(at(Phase::None), at(Phase::Rejected, Reason::GroupNotFound), false),
              ElementsAre("SwitchoverRequest move-1 GroupNotFound"));
  EXPECT_EQ(textOf(metrics_).find("\"orders\""), std::string::npos);
  EXPECT_EQ(metric(R"(baton_switchovers_total{group="",mode="Planned",namespace="shop",reason="GroupNotFound",)"
                   R"(result="Rejected",trigger="user"})"),
            1);
}

TEST_F(Announcing, ThePhaseThatWasLeftIsCountedOnce) {
  auto demoting = at(Phase::Demoting), promoting = at(Phase::Promoting), done = at(Phase::Succeeded);
  demoting.status.steps = {{"Demoting", api::StepState::Running, begin(), {}, 0, ""}};
  promoting.status.steps = {{"Demoting", api::StepState::Done, begin(), begin() + 2s, 1, ""},
                            {"CatchingUp", api::StepState::Skipped, begin() + 2s, begin() + 2s, 0, ""},
                            {"Promoting", api::StepState::Running, begin() + 2s, {}, 0, ""}};
  done.status.steps = promoting.status.steps;
  done.status.steps[2].end = begin() + 3s;
  told(demoting, promoting);
  told(promoting, done);
  EXPECT_EQ(metric(R"(baton_switchover_phase_seconds_count{phase="Demoting"})"), 1);
  EXPECT_EQ(metric(R"(baton_switchover_phase_seconds_sum{phase="Demoting"})"), 2);
  EXPECT_EQ(metric(R"(baton_switchover_phase_seconds_sum{phase="Promoting"})"), 1);
  EXPECT_FALSE(metric(R"(baton_switchover_phase_seconds_count{phase="CatchingUp"})"));
}

TEST_F(Announcing, AGroupTellsOfGrantsThatNoRequestAskedFor) {
  api::HaGroupStatus before, after;
  before.phase = GroupPhase::Initializing;
  after.phase = GroupPhase::Healthy;
  after.primary = "orders-0";
  after.epoch = 1;
  EXPECT_THAT(toldOfGroup(before, after), ElementsAre("RoleGranted"));
  EXPECT_EQ(last_[0].severity, kube::Severity::Normal);
  EXPECT_EQ(last_[0].note, "orders-0 has the primary role at epoch 1.");
  EXPECT_FALSE(last_[0].dedupeKey.empty());
  EXPECT_THAT(toldOfGroup(after, after), IsEmpty());
  auto switching = after;
  switching.phase = GroupPhase::Switching;
  switching.epoch = 2;
  switching.activeRequest = "move-1";
  EXPECT_THAT(toldOfGroup(after, switching), IsEmpty()) << "the request tells of itself";
}

TEST_F(Announcing, AGroupWithoutOnePrimaryIsAWarning) {
  api::HaGroupStatus healthy, none, split;
  healthy.phase = GroupPhase::Healthy;
  none.phase = GroupPhase::NoPrimary;
  none.conditions = {
      {Interned("PrimaryAvailable"), Interned("False"), Interned("NoPrimary"), "nobody has the role.", begin(), 0}};
  split.phase = GroupPhase::SplitBrain;
  split.conditions = {
      {Interned("SplitBrain"), Interned("True"), Interned("SeveralPrimaries"), "2 pod(s).", begin(), 0}};
  EXPECT_THAT(toldOfGroup(healthy, none), ElementsAre("NoPrimary"));
  EXPECT_EQ(last_[0].severity, kube::Severity::Warning);
  EXPECT_EQ(last_[0].note, "nobody has the role.");
  EXPECT_THAT(toldOfGroup(healthy, split), ElementsAre("SplitBrain"));
  EXPECT_EQ(last_[0].note, "2 pod(s).");
  EXPECT_THAT(toldOfGroup(none, healthy), IsEmpty());
}

}  // namespace
}  // namespace baton::reconcile
