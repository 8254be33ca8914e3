#include "base/timers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

namespace baton {
namespace {

using namespace std::chrono_literals;

TEST(Timers, CallInTheOrderOfTheirTimes) {
  std::vector<int> order;
  std::promise<void> last;
  Timers timers;
  const Steady now = std::chrono::steady_clock::now();
  timers.at(now + 30ms, [&] {
    order.push_back(3);
    last.set_value();
  });
  timers.at(now + 10ms, [&] { order.push_back(1); });
  timers.at(now + 20ms, [&] { order.push_back(2); });
  ASSERT_EQ(last.get_future().wait_for(5s), std::future_status::ready);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(Timers, ACancelledOneDoesNotRun) {
  std::atomic<bool> ran{false};
  std::promise<void> later;
  Timers timers;
  const auto id = timers.after(10ms, [&] { ran = true; });
  EXPECT_NE(id, 0u);
  EXPECT_TRUE(timers.cancel(id));
  EXPECT_FALSE(timers.cancel(id));
  timers.after(30ms, [&] { later.set_value(); });
  ASSERT_EQ(later.get_future().wait_for(5s), std::future_status::ready);
  EXPECT_FALSE(ran);
}

TEST(Timers, OneThatRunsCanNotBeCancelled) {
  std::promise<void> running, go;
  Timers timers;
  const auto id = timers.after(0ms, [&] {
    running.set_value();
    go.get_future().wait();
  });
  running.get_future().wait();
  EXPECT_FALSE(timers.cancel(id));
  go.set_value();
}

TEST(Timers, AFunctionMayPlanAndCancelOthers) {
  std::promise<void> done;
  Timers timers;
  timers.after(0ms, [&] {
    const auto never = timers.after(1h, [] {});
    EXPECT_TRUE(timers.cancel(never));
    timers.after(0ms, [&] { done.set_value(); });
  });
  EXPECT_EQ(done.get_future().wait_for(5s), std::future_status::ready);
}

TEST(Timers, WhatACancelledFunctionOwnsMayCancelInItsDestructor) {
  Timers timers;
  struct Owner {
    Timers& timers;
    Timers::Id other;
    ~Owner() { timers.cancel(other); }
  };
  const auto other = timers.after(1h, [] {});
  const auto owner = std::make_shared<Owner>(Owner{timers, other});
  const auto id = timers.after(1h, [owner] {});
  EXPECT_TRUE(timers.cancel(id));
}

TEST(Timers, EndDropsWhatIsPlanned) {
  std::atomic<bool> ran{false};
  {
    Timers timers;
    timers.after(1h, [&] { ran = true; });
  }
  EXPECT_FALSE(ran);
}

TEST(Timers, NothingRunsAfterStop) {
  std::atomic<int> ran{0};
  Timers timers;
  timers.after(1h, [&] { ++ran; });
  timers.stop();
  EXPECT_NE(timers.after(0ms, [&] { ++ran; }), 0u);
  timers.stop();
  EXPECT_EQ(ran, 0);
}

}  // namespace
}  // namespace baton
