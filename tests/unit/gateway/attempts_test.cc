#include "gateway/attempts.h"

#include <gtest/gtest.h>

#include "gateway/nonces.h"

namespace baton::gateway {
namespace {

using namespace std::chrono_literals;

const Steady kStart{1000h};

TEST(Attempts, TheFirstFailuresCostNothing) {
  Attempts a;
  for (int i = 0; i < 3; ++i) a.failed("admin", "10.0.0.1", kStart);
  EXPECT_EQ(a.delay("admin", "10.0.0.1", kStart), 0ms);
  a.failed("admin", "10.0.0.1", kStart);
  EXPECT_EQ(a.delay("admin", "10.0.0.1", kStart), 250ms);
  a.failed("admin", "10.0.0.1", kStart);
  EXPECT_EQ(a.delay("admin", "10.0.0.1", kStart), 500ms);
  for (int i = 0; i < 100; ++i) a.failed("admin", "10.0.0.1", kStart);
  EXPECT_EQ(a.delay("admin", "10.0.0.1", kStart), 8000ms);
}

TEST(Attempts, OthersAreNotHeldUp) {
  Attempts a;
  for (int i = 0; i < 10; ++i) a.failed("admin", "10.0.0.1", kStart);
  EXPECT_EQ(a.delay("admin", "10.0.0.2", kStart), 0ms) << "the same user from elsewhere";
  EXPECT_EQ(a.delay("other", "10.0.0.1", kStart), 0ms) << "another user from there";
}

TEST(Attempts, AnAddressThatTriesManyNamesIsSlowedDown) {
  Attempts a;
  for (int i = 0; i < 25; ++i) a.failed("user" + std::to_string(i), "10.0.0.1", kStart);
  EXPECT_GT(a.delay("new", "10.0.0.1", kStart), 0ms);
}

TEST(Attempts, SuccessForgivesTheUser) {
  Attempts a;
  for (int i = 0; i < 10; ++i) a.failed("admin", "10.0.0.1", kStart);
  a.succeeded("admin", "10.0.0.1");
  EXPECT_EQ(a.delay("admin", "10.0.0.1", kStart), 0ms);
}

TEST(Attempts, AreForgotten) {
  Attempts a;
  for (int i = 0; i < 10; ++i) a.failed("admin", "10.0.0.1", kStart);
  EXPECT_GT(a.delay("admin", "10.0.0.1", kStart + 9min), 0ms);
  EXPECT_EQ(a.delay("admin", "10.0.0.1", kStart + 11min), 0ms);
}

TEST(Attempts, RememberABoundedNumber) {
  Attempts a;
  for (int i = 0; i < 30000; ++i) a.failed("user" + std::to_string(i), "10.0.0.1", kStart);
  EXPECT_LE(a.remembered(), 10001U);
  EXPECT_EQ(a.delay("new", "10.0.0.1", kStart), 8000ms) << "the address is known still";
}

TEST(Nonces, AreTakenOnce) {
  Nonces n;
  EXPECT_TRUE(n.use("a", kStart));
  EXPECT_FALSE(n.use("a", kStart));
  EXPECT_TRUE(n.use("b", kStart));
  EXPECT_FALSE(n.use("a", kStart + 2 * kSignatureAge)) << "as long as a signature with it may still be in its time";
}

TEST(Nonces, AreForgottenWhenTheyCantComeBack) {
  Nonces n;
  for (int i = 0; i < 1000; ++i) n.use(std::to_string(i), kStart);
  n.use("later", kStart + 40min);
  EXPECT_EQ(n.remembered(), 1U);
}

}  // namespace
}  // namespace baton::gateway
