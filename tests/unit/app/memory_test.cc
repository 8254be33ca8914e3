#include "app/memory.h"

#include <gtest/gtest.h>

namespace baton::app {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

TEST(MemoryKeeper, ABurstIsOverWhenMostConnectionsHaveGone) {
  MemoryKeeper keeper;
  EXPECT_FALSE(keeper.burstIsOver(0));
  EXPECT_FALSE(keeper.burstIsOver(64));
  EXPECT_FALSE(keeper.burstIsOver(40));
  EXPECT_TRUE(keeper.burstIsOver(16));
  EXPECT_TRUE(keeper.burstIsOver(16)) << "what the last ones needed";
  EXPECT_FALSE(keeper.burstIsOver(16)) << "twice for each burst";
  EXPECT_TRUE(keeper.burstIsOver(3));
  EXPECT_TRUE(keeper.burstIsOver(0));
  EXPECT_FALSE(keeper.burstIsOver(0)) << "a few connections are no burst";
}

TEST(MemoryKeeper, WhatIsAllocatedIsNotTooMuch) {
  MemoryKeeper keeper;
  EXPECT_FALSE(keeper.tooMuch({3 * kMiB, 2 * kMiB}));
  EXPECT_FALSE(keeper.tooMuch({120 * kMiB, 118 * kMiB})) << "many connections";
  EXPECT_TRUE(keeper.tooMuch({120 * kMiB, 10 * kMiB})) << "they have gone";
}

TEST(MemoryKeeper, WhatCannotBeGivenBackIsNotTriedAgain) {
  MemoryKeeper keeper;
  EXPECT_TRUE(keeper.tooMuch({40 * kMiB, 10 * kMiB}));
  keeper.gaveBack({35 * kMiB, 10 * kMiB});
  EXPECT_FALSE(keeper.tooMuch({35 * kMiB, 10 * kMiB}));
  EXPECT_TRUE(keeper.tooMuch({45 * kMiB, 10 * kMiB})) << "more than was left then";
  EXPECT_FALSE(keeper.tooMuch({12 * kMiB, 10 * kMiB}));
  EXPECT_TRUE(keeper.tooMuch({35 * kMiB, 10 * kMiB})) << "it had been given back in the meantime";
}

TEST(MemoryKeeper, NothingIsDoneWithAnotherAllocator) {
  MemoryKeeper keeper;
  EXPECT_FALSE(keeper.tooMuch({4000 * kMiB, 0}));
}

}  // namespace
}  // namespace baton::app
