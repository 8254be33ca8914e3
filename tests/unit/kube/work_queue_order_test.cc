#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "kube/work_queue.h"
#include "unit/kube/manual_clock.h"

namespace baton::kube {
namespace {

using namespace std::chrono_literals;

class Counts final : public WorkQueueMetrics {
 public:
  void depth(size_t keys) override { lastDepth = keys; }
  void added() override { ++adds; }
  void retried() override { ++retries; }
  void queued(double seconds) override { queuedSeconds.push_back(seconds); }
  void worked(double seconds) override { workedSeconds.push_back(seconds); }
  size_t lastDepth = 0;
  int adds = 0, retries = 0;
  std::vector<double> queuedSeconds, workedSeconds;
};

TEST(WorkQueueOrder, FirstComeFirstServedAndNoneTwice) {
  Counts counts;
  WorkQueueOptions options;
  options.metrics = &counts;
  WorkQueue q(options);
  for (const char* key : {"a", "b", "a", "c", "b"}) q.add(key);
  EXPECT_EQ(q.depth(), 3U);
  EXPECT_EQ(q.get(), "a");
  EXPECT_EQ(q.get(), "b");
  EXPECT_EQ(q.get(), "c");
  q.done("a");
  EXPECT_EQ(counts.adds, 3);
  EXPECT_EQ(counts.lastDepth, 0U);
  EXPECT_EQ(counts.queuedSeconds.size(), 3U);
  EXPECT_EQ(counts.workedSeconds.size(), 1U);
}

TEST(WorkQueueOrder, AKeyAddedWhileWorkedOnComesAgainOnceAndLast) {
  WorkQueue q;
  q.add("a");
  EXPECT_EQ(q.get(), "a");
  q.add("a");
  q.add("a");
  q.add("b");
  EXPECT_EQ(q.depth(), 1U) << "a is being worked on";
  EXPECT_EQ(q.get(), "b");
  q.done("a");
  EXPECT_EQ(q.get(), "a");
  q.done("a");
  q.done("b");
  EXPECT_EQ(q.depth(), 0U);
}

TEST(WorkQueueOrder, DelayedKeysComeInTheOrderOfTheirTimes) {
  WorkQueue q;
  const auto start = std::chrono::steady_clock::now();
  q.addAfter("late", 60ms);
  q.addAfter("early", 20ms);
  q.addAfter("now", 0ms);
  EXPECT_EQ(q.get(), "now");
  EXPECT_EQ(q.get(), "early");
  EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
  EXPECT_EQ(q.get(), "late");
  EXPECT_GE(std::chrono::steady_clock::now() - start, 60ms);
}

TEST(WorkQueueOrder, PollDoesNotWaitAndGoesByTheGivenClock) {
  ManualClock clock;
  WorkQueueOptions options;
  options.clock = &clock;
  WorkQueue q(options);
  EXPECT_EQ(q.poll(), std::nullopt);
  EXPECT_EQ(q.due(), std::nullopt);
  q.addAfter("late", 60s);
  EXPECT_EQ(q.poll(), std::nullopt);
  EXPECT_EQ(q.due(), clock.steady() + 60s);
  q.add("now");
  EXPECT_LE(q.due(), clock.steady());
  EXPECT_EQ(q.poll(), "now");
  q.done("now");
  clock.advance(60s);
  EXPECT_EQ(q.poll(), "late");
  q.add("late");
  EXPECT_EQ(q.poll(), std::nullopt) << "it is being worked on";
  q.done("late");
  EXPECT_EQ(q.poll(), "late");
}

TEST(WorkQueueOrder, OfSeveralDelaysTheEarliestCounts) {
  WorkQueue q;
  const auto start = std::chrono::steady_clock::now();
  q.addAfter("a", 10s);
  q.addAfter("a", 20ms);
  q.addAfter("a", 5s);
  EXPECT_EQ(q.get(), "a");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
  q.done("a");
  q.addAfter("b", 20ms);
  EXPECT_EQ(q.get(), "b") << "nothing is left of a";
}

TEST(WorkQueueOrder, ADelayDoesNotHoldBackAnAdd) {
  WorkQueue q;
  q.addAfter("a", 10s);
  q.add("a");
  EXPECT_EQ(q.get(), "a");
}

TEST(WorkQueueOrder, AnEarlierDelayWakesAWaitingWorker) {
  WorkQueue q;
  q.addAfter("late", 10s);
  std::optional<std::string> got;
  std::thread worker([&] { got = q.get(); });
  std::this_thread::sleep_for(20ms);
  q.addAfter("early", 20ms);
  worker.join();
  EXPECT_EQ(got, "early");
}

TEST(WorkQueueOrder, RetriesWaitLongerEachTimeUntilForgotten) {
  Counts counts;
  WorkQueueOptions options;
  options.metrics = &counts;
  options.seed = 1;
  WorkQueue q(options);
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    q.addRateLimited("a");
    EXPECT_EQ(q.get(), "a");
    EXPECT_GE(std::chrono::steady_clock::now() - start, (5ms * (1 << i)) / 2);
    q.done("a");
  }
  EXPECT_EQ(q.retries("a"), 5);
  EXPECT_EQ(counts.retries, 5);
  q.forget("a");
  EXPECT_EQ(q.retries("a"), 0);
}

TEST(WorkQueueOrder, ShutDownWakesAllAndHandsOutNothingMore) {
  WorkQueue q;
  std::vector<std::thread> workers;
  std::atomic<int> ended{0};
  for (int i = 0; i < 4; ++i)
    workers.emplace_back([&] {
      EXPECT_FALSE(q.get());
      ++ended;
    });
  std::this_thread::sleep_for(20ms);
  q.shutDown();
  for (auto& w : workers) w.join();
  EXPECT_EQ(ended, 4);
  q.add("a");
  EXPECT_FALSE(q.get());
}

/// Many adders and workers: no key is worked on by two at once, and after the last add each key is seen once more.
TEST(WorkQueueOrder, ThreadsNeverShareAKeyAndLoseNone) {
  WorkQueue q;
  constexpr int kKeys = 7, kRounds = 3000;
  std::array<std::atomic<int>, kKeys> working{}, wanted{}, seen{};
  std::vector<std::thread> workers, adders;
  for (int w = 0; w < 4; ++w)
    workers.emplace_back([&] {
      while (const auto key = q.get()) {
        const auto k = static_cast<size_t>((*key)[0] - 'a');
        EXPECT_EQ(working[k]++, 0);
        seen[k] = wanted[k].load();
        if (seen[k] % 5 == 0) std::this_thread::yield();
        --working[k];
        q.done(*key);
      }
    });
  for (int a = 0; a < 3; ++a)
    adders.emplace_back([&, a] {
      for (int i = 0; i < kRounds; ++i) {
        const auto k = static_cast<size_t>((i * 5 + a) % kKeys);
        const std::string key(1, static_cast<char>('a' + k));
        ++wanted[k];
        if (i % 3 == 0)
          q.addAfter(key, std::chrono::microseconds(i % 700));
        else if (i % 11 == 0)
          q.addRateLimited(key), q.forget(key);
        else
          q.add(key);
      }
    });
  for (auto& a : adders) a.join();
  const auto end = std::chrono::steady_clock::now() + 20s;
  const auto behind = [&] {
    for (size_t k = 0; k < kKeys; ++k)
      if (seen[k] != wanted[k]) return true;
    return false;
  };
  while (behind() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
  EXPECT_FALSE(behind());
  q.shutDown();
  for (auto& w : workers) w.join();
}

}  // namespace
}  // namespace baton::kube
