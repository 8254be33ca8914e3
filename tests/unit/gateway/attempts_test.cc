#include "gateway/attempts.h"

#include <gtest/gtest.h>

#include "gateway/call_rate.h"
#include "gateway/nonces.h"

namespace baton::gateway {
namespace {

using namespace std::chrono_literals;

const Steady kStart{1000h};

/// Begins and fails.
std::chrono::milliseconds fail(Attempts& a, const std::string& user, const std::string& network, Steady now = kStart) {
  const auto wait = a.begin(user, network, now);
  EXPECT_TRUE(wait);
  if (wait) a.ended(user, network, Attempts::End::Failed, now);
  return wait.value_or(-1ms);
}
/// What the next try would have to wait; it is not looked at.
std::chrono::milliseconds next(Attempts& a, const std::string& user, const std::string& network, Steady now = kStart) {
  const auto wait = a.begin(user, network, now);
  if (wait) a.ended(user, network, Attempts::End::NotLookedAt, now);
  return wait.value_or(-1ms);
}

TEST(Attempts, TheFirstFailuresCostNothing) {
  Attempts a;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(fail(a, "admin", "10.0.0.1"), 0ms);
  EXPECT_EQ(fail(a, "admin", "10.0.0.1"), 250ms);
  EXPECT_EQ(fail(a, "admin", "10.0.0.1"), 500ms);
  for (int i = 0; i < 100; ++i) fail(a, "admin", "10.0.0.1");
  EXPECT_EQ(next(a, "admin", "10.0.0.1"), 8000ms);
}

TEST(Attempts, OthersAreNotHeldUp) {
  Attempts a;
  for (int i = 0; i < 10; ++i) fail(a, "admin", "10.0.0.1");
  EXPECT_EQ(next(a, "admin", "10.0.0.2"), 0ms) << "the same user from elsewhere";
  EXPECT_EQ(next(a, "other", "10.0.0.1"), 0ms) << "another user from there";
}

TEST(Attempts, ANetworkThatTriesManyNamesIsSlowedDownALittle) {
  Attempts a;
  for (int i = 0; i < 500; ++i) fail(a, "user" + std::to_string(i), "10.0.0.1");
  EXPECT_EQ(next(a, "new", "10.0.0.1"), 2000ms) << "others are behind it, too";
}

TEST(Attempts, ManyAtOnceGainNothing) {
  Attempts a;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(a.begin("admin", "10.0.0.1", kStart), 0ms);
  EXPECT_EQ(a.begin("admin", "10.0.0.1", kStart), 250ms);
}

TEST(Attempts, OfOneNetworkNotAllCanWait) {
  Attempts a;
  int begun = 0;
  for (int i = 0; i < 200; ++i) begun += a.begin("user" + std::to_string(i), "10.0.0.1", kStart) ? 1 : 0;
  EXPECT_EQ(begun, 128);
  EXPECT_TRUE(a.begin("admin", "10.0.0.2", kStart));
  for (int i = 0; i < 128; ++i) a.ended("user" + std::to_string(i), "10.0.0.1", Attempts::End::Succeeded, kStart);
  EXPECT_EQ(next(a, "admin", "10.0.0.1"), 0ms) << "they were right";
}

TEST(Attempts, WhoHasLoggedInFromThereIsNotHeldUpByOthersOfHisNetwork) {
  Attempts a;
  a.begin("admin", "10.0.0.1", kStart);
  a.ended("admin", "10.0.0.1", Attempts::End::Succeeded, kStart);
  for (int i = 0; i < 200; ++i) a.begin("user" + std::to_string(i), "10.0.0.1", kStart);
  EXPECT_EQ(a.begin("new", "10.0.0.1", kStart), std::nullopt);
  EXPECT_EQ(next(a, "admin", "10.0.0.1"), 0ms);
  for (int i = 0; i < 10; ++i) fail(a, "admin", "10.0.0.1");
  EXPECT_GT(next(a, "admin", "10.0.0.1"), 0ms) << "but by his own failures";
  EXPECT_TRUE(a.known("admin", "10.0.0.1", kStart));
  EXPECT_FALSE(a.known("admin", "10.0.0.1", kStart + 25h));
  EXPECT_FALSE(a.known("admin", "10.0.0.2", kStart));
}

TEST(Attempts, SuccessForgivesTheUser) {
  Attempts a;
  for (int i = 0; i < 10; ++i) fail(a, "admin", "10.0.0.1");
  a.begin("admin", "10.0.0.1", kStart);
  a.ended("admin", "10.0.0.1", Attempts::End::Succeeded, kStart);
  EXPECT_EQ(next(a, "admin", "10.0.0.1"), 0ms);
}

TEST(Attempts, AreForgivenWithTime) {
  Attempts a;
  for (int i = 0; i < 1000; ++i) fail(a, "admin", "10.0.0.1");
  EXPECT_GT(next(a, "admin", "10.0.0.1", kStart + 1min), 0ms);
  EXPECT_EQ(next(a, "admin", "10.0.0.1", kStart + 11min), 0ms);
}

TEST(Attempts, RememberABoundedNumber) {
  Attempts a;
  for (int i = 0; i < 30000; ++i) fail(a, "user" + std::to_string(i), "10.0.0.1", kStart + i * 1ms);
  EXPECT_LE(a.remembered(), 10000U);
  EXPECT_GT(next(a, "new", "10.0.0.1", kStart + 30s), 0ms) << "the network is known still";
}

TEST(Nonces, AreTakenOnce) {
  Nonces n;
  EXPECT_EQ(n.use("a", kStart), Nonces::Use::First);
  EXPECT_EQ(n.use("a", kStart), Nonces::Use::Again);
  EXPECT_EQ(n.use("b", kStart), Nonces::Use::First);
  EXPECT_EQ(n.use("a", kStart + 2 * kSignatureAge), Nonces::Use::Again)
      << "as long as a signature with it may still be in its time";
}

TEST(Nonces, AreForgottenWhenTheyCantComeBack) {
  Nonces n;
  for (int i = 0; i < 1000; ++i) n.use(std::to_string(i), kStart);
  n.use("later", kStart + 40min);
  EXPECT_EQ(n.remembered(), 1U);
}

TEST(Nonces, AreSoManyAndNoMore) {
  Nonces n;
  for (size_t i = 0; i < Nonces::kMost; ++i) n.use(std::to_string(i), kStart);
  EXPECT_EQ(n.use("one more", kStart), Nonces::Use::Full);
  EXPECT_EQ(n.use("5", kStart), Nonces::Use::Again);
  EXPECT_EQ(n.use("one more", kStart + kNonceLife + 2min), Nonces::Use::First);
}

TEST(CallRate, ManyAtOnceThenSoManyASecond) {
  CallRate rate({10, 2});
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(rate.take("admin", 1, kStart));
  EXPECT_FALSE(rate.take("admin", 1, kStart));
  EXPECT_TRUE(rate.take("other", 1, kStart));
  EXPECT_TRUE(rate.take("admin", 1, kStart + 500ms));
  EXPECT_FALSE(rate.take("admin", 1, kStart + 600ms));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(rate.take("admin", 2, kStart + 1h));
  EXPECT_FALSE(rate.take("admin", 1, kStart + 1h));
}

}  // namespace
}  // namespace baton::gateway
