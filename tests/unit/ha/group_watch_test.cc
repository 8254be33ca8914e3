#include "ha/group_watch.h"

#include <gtest/gtest.h>

namespace baton::ha {
namespace {

using namespace std::chrono_literals;

/// Three members a, b and c; a has the role. Times are milliseconds.
class Watched : public testing::Test {
 protected:
  Watched() { watch_.members({"a", "b", "c"}, "a", 1); }

  GroupWatch::News call(const std::string& pod, int asked, int took, std::optional<Report> report,
                        bool refused = false) {
    Call c;
    c.pod = pod;
    c.asked = Steady(std::chrono::milliseconds(1'000'000 + asked));
    c.ended = c.asked + std::chrono::milliseconds(took);
    c.report = report;
    if (refused) c.contact = Contact::Refused;
    if (!report) c.why = refused ? "refused" : "no answer";
    return watch_.ended(c, {1s, 1s, 3});
  }
  static Steady at(int ms) { return Steady(std::chrono::milliseconds(1'000'000 + ms)); }
  GroupWatch::News answers(const std::string& pod, int asked) {
    return call(pod, asked, 2, Report{pod == "a", 100, true});
  }
  GroupWatch::News hangs(const std::string& pod, int asked) { return call(pod, asked, 1000, std::nullopt); }
  GroupWatch::News refuses(const std::string& pod, int asked) { return call(pod, asked, 1, std::nullopt, true); }
  bool failed(const std::string& pod) const { return watch_.of(pod).failed; }

  GroupWatch watch_;
};

TEST_F(Watched, NothingIsKnownOfWhoWasNeverCalled) {
  const Observation o = watch_.of("a");
  EXPECT_FALSE(o.answers || o.silent || o.failed || o.last);
  EXPECT_FALSE(watch_.blind());
  EXPECT_FALSE(watch_.ended({"stranger", {}, {}, Report{}, Contact::None, true, ""}, {}).changed);
}

TEST_F(Watched, ATimeOutCountsByTheThreshold) {
  for (int round = 0; round < 2; ++round) {
    answers("b", round * 1000);
    hangs("a", round * 1000);
    EXPECT_FALSE(failed("a"));
    EXPECT_TRUE(watch_.of("a").silent);
  }
  answers("b", 2000);
  const auto news = hangs("a", 2000);
  EXPECT_TRUE(failed("a"));
  EXPECT_TRUE(news.changed);
  EXPECT_EQ(watch_.of("a").why, "no answer");
  EXPECT_EQ(watch_.troubleSince("a"), Steady(1'000'000ms)) << "from the first of the row";
}

TEST_F(Watched, APrimaryWhoseContainerHasEndedAndThatIsAStandbySinceHasFailed) {
  for (const char* pod : {"a", "b", "c"}) watch_.containers(pod, 2);
  answers("b", 0), answers("a", 0);
  call("a", 1000, 2, Report{false, 100, true});
  EXPECT_FALSE(failed("a")) << "it may be mistaken";
  watch_.containers("a", 3);
  EXPECT_TRUE(failed("a")) << "what is known of its container comes later, here";
  answers("b", 2000), hangs("a", 2000);
  EXPECT_TRUE(failed("a")) << "and stays so";
  answers("a", 3000);
  EXPECT_FALSE(failed("a")) << "well again";
  watch_.containers("a", 4);
  EXPECT_FALSE(failed("a"));
  const auto news = call("a", 4000, 2, Report{false, 100, true});
  EXPECT_TRUE(failed("a") && news.changed) << "what is known of its container comes first, here";
}

TEST_F(Watched, AContainerThatEndedProvesNothingByItself) {
  for (const char* pod : {"a", "b", "c"}) watch_.containers(pod, 5);
  call("a", 0, 2, Report{false, 100, true});
  EXPECT_FALSE(failed("a")) << "it ended before it was first seen";
  answers("a", 1000);
  watch_.containers("a", 6);
  call("a", 2000, 2, Report{true, 100, false});
  EXPECT_FALSE(failed("a")) << "it recovers, and still has the role";
  call("a", 3000, 2, Report{false, 100, false});
  EXPECT_FALSE(failed("a")) << "who is not well does not know yet what it will be";
  watch_.containers("b", 6);
  call("b", 4000, 2, Report{false, 100, true});
  EXPECT_FALSE(failed("b")) << "a standby is what it is to be";
}

TEST_F(Watched, WhatANewPrimaryWasBeforeIsNoFailure) {
  for (const char* pod : {"a", "b", "c"}) watch_.containers(pod, 0);
  answers("b", 0), answers("a", 0);
  watch_.containers("a", 1);
  call("a", 1000, 2, Report{false, 100, true});
  EXPECT_TRUE(failed("a"));
  watch_.changing(at(2000));  // the role goes to b, and comes back
  watch_.members({"a", "b", "c"}, "", 2);
  EXPECT_TRUE(failed("a")) << "why the role is taken from it";
  watch_.members({"a", "b", "c"}, "a", 3);
  EXPECT_FALSE(failed("a")) << "it was given the role anew";
  call("a", 1900, 800, Report{false, 100, true});
  EXPECT_FALSE(failed("a")) << "asked before that";
  call("a", 3000, 2, Report{false, 100, true});
  EXPECT_FALSE(failed("a")) << "the process that ended did not have this grant";
  watch_.containers("a", 2);
  EXPECT_TRUE(failed("a"));
  watch_.members({"a", "b", "c"}, "a", 3);
  EXPECT_TRUE(failed("a")) << "the same grant";
}

TEST_F(Watched, WhileAllAreSlowATimeOutCountsAQuarter) {
  const auto slowly = [&](const std::string& pod, int asked) { call(pod, asked, 700, Report{pod == "a", 100, true}); };
  for (int round = 0; round < 11; ++round) {
    slowly("b", round * 1000), slowly("c", round * 1000), hangs("a", round * 1000);
    ASSERT_FALSE(failed("a")) << round;
  }
  slowly("b", 11'000), hangs("a", 11'000);
  EXPECT_TRUE(failed("a")) << "12 of them are 3";
  answers("a", 12'000);
  for (int round = 13; round < 16; ++round) {
    ASSERT_FALSE(failed("a")) << round;
    answers("b", round * 1000), answers("c", round * 1000), hangs("a", round * 1000);
  }
  EXPECT_TRUE(failed("a")) << "quick answers of all show that the way is not slow";
}

TEST_F(Watched, ASecondMemberThatIsSilentDelaysTheVerdict) {
  for (const char* pod : {"a", "b", "c"}) answers(pod, -1000);
  int rounds = 0;
  for (; !failed("a") && rounds < 20; ++rounds)
    answers("c", rounds * 1000), hangs("b", rounds * 1000), hangs("a", rounds * 1000);
  EXPECT_EQ(rounds, 5) << "two count a quarter, until b has missed three: 1 + 1 + 4 + 4 + 4";
}

TEST_F(Watched, AGoodAnswerForgetsFailures) {
  for (int round = 0; round < 2; ++round) answers("b", round * 1000), hangs("a", round * 1000);
  answers("a", 2000);
  for (int round = 3; round < 5; ++round) answers("b", round * 1000), hangs("a", round * 1000);
  EXPECT_FALSE(failed("a"));
  answers("b", 5000);
  hangs("a", 5000);
  EXPECT_TRUE(failed("a"));
  answers("a", 6000);
  EXPECT_FALSE(failed("a")) << "well again";
  EXPECT_FALSE(watch_.troubleSince("a"));
}

TEST_F(Watched, WhatNobodyWitnessesIsNobodysFailure) {
  for (int round = 0; round < 300; ++round)
    for (const char* pod : {"a", "b", "c"}) hangs(pod, round * 1000);
  EXPECT_FALSE(failed("a") || failed("b") || failed("c"));
  EXPECT_TRUE(watch_.blind());
}

TEST_F(Watched, AfterACutOnlyWhatHappensThenCounts) {
  for (int round = 0; round < 300; ++round)
    for (const char* pod : {"a", "b", "c"}) hangs(pod, round * 1000);
  answers("b", 300'000);  // b's way is open first
  EXPECT_FALSE(watch_.blind());
  hangs("a", 299'900);
  hangs("a", 300'900);
  EXPECT_FALSE(failed("a"));
  answers("a", 301'900);
  EXPECT_FALSE(failed("a"));
}

TEST_F(Watched, ARefusalIsFailedAtOnceWhenItIsConfirmed) {
  answers("b", 0);
  const auto news = refuses("a", 10);
  EXPECT_TRUE(news.askAgain);
  EXPECT_FALSE(failed("a")) << "everybody is asked first";
  answers("b", 12);
  EXPECT_FALSE(failed("a"));
  EXPECT_FALSE(refuses("a", 12).askAgain);
  EXPECT_TRUE(failed("a"));
}

TEST_F(Watched, InWhicheverOrderTheConfirmationComes) {
  refuses("a", 10);
  refuses("a", 12);
  EXPECT_FALSE(failed("a"));
  EXPECT_TRUE(answers("b", 12).changed);
  EXPECT_TRUE(failed("a"));
}

TEST_F(Watched, WhenAllAreRefusedNobodyHasFailed) {
  answers("a", 0), answers("b", 0), answers("c", 0);
  for (int round = 1; round < 20; ++round)
    for (const char* pod : {"a", "b", "c"}) refuses(pod, round * 1000);
  EXPECT_FALSE(failed("a") || failed("b") || failed("c"));
  EXPECT_TRUE(watch_.blind());
}

TEST_F(Watched, ARefusalThatIsNotRepeatedIsNone) {
  refuses("a", 0);
  answers("b", 2);
  answers("a", 2);
  refuses("a", 1000);
  answers("b", 1002);
  EXPECT_FALSE(failed("a"));
}

TEST_F(Watched, AnUnhealthyAnswerNeedsNoWitness) {
  for (int round = 0; round < 3; ++round) call("a", round * 1000, 2, Report{true, 100, false});
  EXPECT_TRUE(failed("a"));
  EXPECT_FALSE(watch_.of("a").silent);
}

TEST_F(Watched, WhoHasTheRoleAndSaysItHasNotFailsByTheThreshold) {
  for (int round = 0; round < 3; ++round) {
    EXPECT_FALSE(failed("a"));
    call("a", round * 1000, 2, Report{false, 100, true});
  }
  EXPECT_TRUE(failed("a"));
  watch_.members({"a", "b", "c"}, "", 1);  // the role is changing hands
  call("a", 4000, 2, Report{false, 100, true});
  EXPECT_FALSE(failed("a"));
}

TEST_F(Watched, AnErrorIsAnAnswerOfThePod) {
  for (int round = 0; round < 3; ++round)
    for (const char* pod : {"a", "b", "c"}) {
      Call c{pod, at(round * 1000), at(round * 1000 + 2), std::nullopt, Contact::Heard, true, "HTTP status 500"};
      watch_.ended(c, {1s, 1s, 3});
    }
  EXPECT_FALSE(watch_.blind()) << "they were reached";
  EXPECT_TRUE(failed("a"));
  EXPECT_FALSE(watch_.of("a").silent);
}

TEST_F(Watched, WhatFailsOnTheWayCountsAQuarterOrNothing) {
  bool ready = true;
  const auto dialed = [&](int ms) {
    answers("b", ms);
    Call c{"a", at(ms), at(ms + 2), std::nullopt, Contact::Way, ready, "error dialing backend"};
    watch_.ended(c, {1s, 1s, 3});
  };
  for (int round = -100; round < 0; ++round) dialed(round * 1000);
  EXPECT_FALSE(failed("a")) << "its readiness says that it is well";
  ready = false;
  for (int round = 0; round < 11; ++round) dialed(round * 1000);
  EXPECT_FALSE(failed("a"));
  dialed(11'000);
  EXPECT_TRUE(failed("a"));
}

TEST_F(Watched, WhoIsUnhealthyMayClaimTheRole) {
  for (int round = 0; round < 2; ++round) call("b", round * 1000, 2, Report{true, 100, false});
  EXPECT_EQ(watch_.of("b").claims, 2);
}

TEST_F(Watched, ClaimsAreCountedInARow) {
  const Report primary{true, 100, true}, standby{false, 100, true};
  call("b", 0, 2, primary);
  EXPECT_EQ(watch_.of("b").claims, 1);
  EXPECT_TRUE(call("b", 1000, 2, primary).changed) << "the second one decides";
  call("b", 2000, 2, standby);
  EXPECT_EQ(watch_.of("b").claims, 0);
}

TEST_F(Watched, WhatWasAskedForWhileRolesChangedIsNoClaim) {
  const Report primary{true, 100, true};
  for (int round = 0; round < 2; ++round) call("b", round * 1000, 2, primary);
  watch_.changing(at(2001));
  EXPECT_EQ(watch_.of("b").claims, 0);
  call("b", 2000, 2, primary);
  EXPECT_EQ(watch_.of("b").claims, 0) << "asked before, answered after";
  for (int round = 3; round < 5; ++round) call("b", round * 1000, 2, primary);
  EXPECT_EQ(watch_.of("b").claims, 2);
}

TEST_F(Watched, AnotherPodOfTheNameBeginsAnew) {
  for (int round = 0; round < 3; ++round) answers("b", round * 1000), hangs("a", round * 1000);
  EXPECT_TRUE(failed("a"));
  watch_.forget("a");
  watch_.members({"a", "b", "c"}, "", 1);
  EXPECT_FALSE(failed("a"));
}

}  // namespace
}  // namespace baton::ha
