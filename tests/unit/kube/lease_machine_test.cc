#include "kube/lease_machine.h"

#include <gtest/gtest.h>

#include "kube/leader_elector.h"

namespace baton::kube {
namespace {

using namespace std::chrono_literals;
using Do = LeaseAction::Do;

Error conflict() { return {Error::Kind::Conflict, "changed", {}, 409}; }

class LeaseMachineScript : public testing::Test {
 protected:
  LeaseMachine m{"me", {}};
  BootTime now{1000h};
  Time wall{};

  LeaseAction tick() { return m.tick(now, wall); }
  LeaseAction read(Result<LeaseRecord> r) { return m.read(r, now, wall, 0); }
  /// The server stores it, with that version.
  LeaseAction stored(LeaseRecord r, const std::string& version) {
    r.resourceVersion = version;
    return m.written(r, now, 0);
  }
  static LeaseRecord held(const std::string& holder, int renewals, int64_t seconds = 15) {
    return {holder, seconds, Time{}, Time(std::chrono::seconds(renewals)), 3, std::to_string(renewals)};
  }
  /// Leads since `now`, at version 1.
  void lead() {
    tick();
    const LeaseAction a = read(notFound("no lease"));
    ASSERT_EQ(a.what, Do::Create);
    stored(a.record, "1");
    ASSERT_TRUE(m.leading());
  }
};

TEST_F(LeaseMachineScript, CreatesTheLeaseAndLeads) {
  EXPECT_EQ(tick().what, Do::Read);
  LeaseAction a = read(notFound("no lease"));
  ASSERT_EQ(a.what, Do::Create);
  EXPECT_EQ(a.record.holderIdentity, "me");
  EXPECT_EQ(a.record.leaseDurationSeconds, 15);
  EXPECT_EQ(a.record.leaseTransitions, 0);
  EXPECT_FALSE(m.leading());
  now += 1s;
  a = stored(a.record, "1");
  EXPECT_EQ(a.what, Do::Wait);
  EXPECT_EQ(a.delay, 2s);
  EXPECT_TRUE(m.leading());
  EXPECT_EQ(m.remaining(now), 13850ms) << "counted from before the request was sent, less 1 %";
}

TEST_F(LeaseMachineScript, RenewsWithoutReadingAndWithThePrecondition) {
  lead();
  now += 2s;
  const LeaseAction a = tick();
  ASSERT_EQ(a.what, Do::Patch);
  EXPECT_EQ(a.record.resourceVersion, "1");
  EXPECT_EQ(a.record.leaseTransitions, 0);
  stored(a.record, "2");
  now += 2s;
  EXPECT_EQ(tick().record.resourceVersion, "2");
}

TEST_F(LeaseMachineScript, WaitsWhileAnotherRenews) {
  for (int i = 0; i < 100; ++i) {
    tick();
    EXPECT_EQ(read(held("other", i)).what, Do::Wait);
    now += 2s;
  }
  EXPECT_EQ(m.holder(), "other");
}

TEST_F(LeaseMachineScript, TakesOverWhatWasNotRenewedForItsWholeDurationSinceFirstSeen) {
  tick();
  read(held("other", 1));
  now += 15s;
  tick();
  EXPECT_EQ(read(held("other", 1)).what, Do::Wait);
  now += 1ms;
  tick();
  const LeaseAction a = read(held("other", 1));
  ASSERT_EQ(a.what, Do::Patch);
  EXPECT_EQ(a.record.holderIdentity, "me");
  EXPECT_EQ(a.record.leaseTransitions, 4);
  EXPECT_EQ(a.record.resourceVersion, "1");
}

TEST_F(LeaseMachineScript, TheHoldersOwnDurationCounts) {
  tick();
  read(held("other", 1, 60));
  now += 59s;
  tick();
  EXPECT_EQ(read(held("other", 1, 60)).what, Do::Wait);
  now += 2s;
  tick();
  EXPECT_EQ(read(held("other", 1, 60)).what, Do::Patch);
}

TEST_F(LeaseMachineScript, AChangeThatIsNoRenewalDoesNotProlong) {
  tick();
  LeaseRecord r = held("other", 1);
  read(r);
  now += 16s;
  r.resourceVersion = "77";  // somebody annotated it
  tick();
  const LeaseAction a = read(r);
  ASSERT_EQ(a.what, Do::Patch);
  EXPECT_EQ(a.record.resourceVersion, "77");
}

TEST_F(LeaseMachineScript, TakesAReleasedLeaseAtOnce) {
  tick();
  EXPECT_EQ(read(held("", 1, 1)).what, Do::Patch);
}

TEST_F(LeaseMachineScript, ACandidateThatComesTooLateWaits) {
  tick();
  read(held("", 1, 1));
  const LeaseAction a = m.written(conflict(), now, 0.5);
  EXPECT_EQ(a.what, Do::Wait);
  EXPECT_EQ(a.delay, 2200ms);
  EXPECT_FALSE(m.leading());
}

TEST_F(LeaseMachineScript, AHolderWhoseWriteConflictsLooksWhoItWas) {
  lead();
  now += 2s;
  LeaseAction a = tick();
  ASSERT_EQ(m.written(conflict(), now, 0).what, Do::Read);
  EXPECT_TRUE(m.leading());
  a.record.resourceVersion = "5";
  a = read(a.record);
  EXPECT_EQ(a.what, Do::Patch) << "still ours";
  EXPECT_EQ(a.record.resourceVersion, "5");
  EXPECT_EQ(m.written(conflict(), now, 0).what, Do::Read);
  EXPECT_EQ(read(held("other", 9)).what, Do::Wait);
  EXPECT_FALSE(m.leading());
}

TEST_F(LeaseMachineScript, LeadershipEndsAtTheRenewDeadline) {
  lead();
  for (int i = 0; i < 4; ++i) {
    now += 2s;
    tick();
    m.written(unavailable("down"), now, 0);
    EXPECT_TRUE(m.leading());
    EXPECT_TRUE(m.deadline());
  }
  now += 2s;
  m.expire(now);
  EXPECT_FALSE(m.leading());
  EXPECT_EQ(m.remaining(now), 0ns);
  EXPECT_FALSE(m.deadline());
}

TEST_F(LeaseMachineScript, AWriteOfUnknownOutcomeIsReadBack) {
  lead();
  now += 2s;
  LeaseAction a = tick();
  EXPECT_EQ(m.written(timedOut("?"), now, 0).what, Do::Wait);
  now += 2s;
  EXPECT_EQ(tick().what, Do::Read);
  a.record.resourceVersion = "2";
  a = read(a.record);
  EXPECT_EQ(a.what, Do::Patch);
  EXPECT_EQ(a.record.resourceVersion, "2");
  EXPECT_EQ(m.remaining(now), 10850ms) << "it may have succeeded, but only a known renewal counts";
}

TEST_F(LeaseMachineScript, AnAnswerThatTookTooLongDoesNotMakeALeader) {
  tick();
  LeaseAction a = read(notFound("no lease"));
  now += 10s;
  a.record.resourceVersion = "1";
  EXPECT_EQ(m.written(a.record, now, 0).what, Do::Wait);
  EXPECT_FALSE(m.leading());
}

TEST_F(LeaseMachineScript, AFrozenLeaderKnowsAtOnce) {
  lead();
  now += 14s;
  EXPECT_EQ(m.remaining(now), 850ms);
  now += 1s;
  EXPECT_EQ(m.remaining(now), 0ns) << "before any timer or answer";
  EXPECT_EQ(tick().what, Do::Read);
  EXPECT_FALSE(m.leading());
}

TEST_F(LeaseMachineScript, ADeletedLeaseEndsTheLeadershipAndIsMadeAnew) {
  lead();
  now += 2s;
  tick();
  EXPECT_EQ(m.written(notFound("deleted"), now, 0).what, Do::Read);
  EXPECT_EQ(read(notFound("deleted")).what, Do::Create);
  EXPECT_FALSE(m.leading());
}

TEST_F(LeaseMachineScript, ACandidateLetsTheHolderOfADeletedLeaseRunOut) {
  tick();
  read(held("other", 1));
  now += 10s;
  tick();
  EXPECT_EQ(read(notFound("deleted")).what, Do::Wait);
  now += 6s;
  tick();
  EXPECT_EQ(read(notFound("deleted")).what, Do::Create);
}

TEST_F(LeaseMachineScript, ReleasesWhatItHolds) {
  lead();
  m.resign();
  EXPECT_FALSE(m.leading());
  const LeaseAction a = m.release(now, wall);
  ASSERT_EQ(a.what, Do::Patch);
  EXPECT_EQ(a.record.holderIdentity, "");
  EXPECT_EQ(a.record.leaseDurationSeconds, 1);
  EXPECT_EQ(a.record.resourceVersion, "1");
  EXPECT_EQ(stored(a.record, "2").what, Do::Stop);
  EXPECT_FALSE(m.leading());
}

TEST_F(LeaseMachineScript, ResigningWhileARenewalIsUnderWayReleasesWhatCameOfIt) {
  lead();
  now += 2s;
  LeaseAction a = tick();
  m.resign();
  EXPECT_EQ(stored(a.record, "2").what, Do::Stop);
  EXPECT_FALSE(m.leading());
  EXPECT_EQ(m.release(now, wall).record.resourceVersion, "2");
}

TEST_F(LeaseMachineScript, ACandidateHasNothingToRelease) {
  tick();
  read(held("other", 1));
  m.resign();
  EXPECT_EQ(m.release(now, wall).what, Do::Stop);
}

TEST(LeaseTimingsCheck, RefusesWhatCannotWork) {
  EXPECT_TRUE(checkTimings({}).ok());
  EXPECT_FALSE(checkTimings({10s, 10s, 2s}).ok());
  EXPECT_FALSE(checkTimings({15s, 2s, 2s}).ok());
  EXPECT_FALSE(checkTimings({15s, 10s, 0s}).ok());
}

TEST(LeaseJson, ComesBackAsItWas) {
  const LeaseRecord r{"me", 15, Time(5s), Time(7us), 3, "42"};
  const std::string patch = leasePatch(r);
  const auto back = parseLease(patch);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, r);
  EXPECT_NE(leaseBody(r, "n", "l").find("\"1970-01-01T00:00:05.000000Z\""), std::string::npos);
  EXPECT_FALSE(parseLease("[]").ok());
  EXPECT_EQ(parseLease(R"({"metadata":{"resourceVersion":"1"}})")->holderIdentity, "");
}

TEST(LeaseClock, GoesOn) {
  const auto a = BootClock::now();
  EXPECT_GT(a.time_since_epoch().count(), 0);
  EXPECT_GE(BootClock::now(), a);
}

}  // namespace
}  // namespace baton::kube
