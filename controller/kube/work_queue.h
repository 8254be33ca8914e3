// Keys waiting to be reconciled. As client-go's workqueue: a key waits at most once, is never worked on by two at
// once, and one added while being worked on comes again after done(). First come, first served. Safe for threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "base/time.h"

namespace baton::kube {

/// What the metrics workqueue_* are fed with. Called while the queue's lock is held: must not call the queue.
class WorkQueueMetrics {
 public:
  virtual ~WorkQueueMetrics() = default;
  virtual void depth(size_t keys) = 0;      // workqueue_depth
  virtual void added() = 0;                 // workqueue_adds_total
  virtual void retried() = 0;               // workqueue_retries_total: addRateLimited
  virtual void queued(double seconds) = 0;  // workqueue_queue_duration_seconds: from due to get()
  virtual void worked(double seconds) = 0;  // workqueue_work_duration_seconds: from get() to done()
};

struct WorkQueueOptions {
  std::chrono::milliseconds backOffLeast{5};
  std::chrono::milliseconds backOffMost{30000};
  uint64_t seed = std::random_device{}();  // of the jitter
  WorkQueueMetrics* metrics = nullptr;     // outlives the queue; may be null
  const Clock* clock = &Clock::real();     // another one than the real goes with poll(), not with get()
};

class WorkQueue {
 public:
  explicit WorkQueue(WorkQueueOptions options = {}) : options_(options), random_(options.seed) {}
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  void add(const std::string& key);
  /// Adds it then, by one of the workers that wait in get(). Of several times for one key the earliest counts.
  void addAfter(const std::string& key, std::chrono::steady_clock::duration delay);
  /// Adds it after a pause that doubles with each call until forget(): half to all of 5, 10, 20 ms .. 30 s.
  void addRateLimited(const std::string& key);
  void forget(const std::string& key);
  /// How often addRateLimited was called since forget().
  int retries(const std::string& key) const;

  /// Blocks until there is a key; nothing after shutDown(). The caller works on it, then calls done().
  std::optional<std::string> get();
  /// The same without waiting: nothing when no key is due.
  std::optional<std::string> poll();
  /// When poll() will have a key, if nothing is added; nothing: never.
  std::optional<Steady> due() const;
  void done(const std::string& key);

  /// Nothing more is handed out, though keys may wait; what is being worked on goes on. Wakes all of get().
  void shutDown();
  bool shuttingDown() const;
  size_t depth() const;

 private:
  struct Key {
    bool waiting = false;             // in queue_
    bool working = false;             // between get() and done()
    bool again = false;               // added while working
    int failures = 0;                 // addRateLimited calls
    Steady since{};                   // when it came into queue_, or (working) out of it
    std::optional<Steady> delayed{};  // planned in delayed_
  };
  void enqueue(const std::string& key, Steady since) REQUIRES(mutex_);
  void delay(const std::string& key, Steady until) REQUIRES(mutex_);
  void takeDue(Steady now) REQUIRES(mutex_);
  std::string takeFirst(Steady now) REQUIRES(mutex_);
  Steady now() const { return options_.clock->steady(); }
  void forgetIdle(const std::string& key) REQUIRES(mutex_);
  void reportDepth() REQUIRES(mutex_);

  const WorkQueueOptions options_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<std::string> queue_ GUARDED_BY(mutex_);
  std::multimap<Steady, std::string> delayed_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, Key> keys_ GUARDED_BY(mutex_);  // those with something to remember
  std::mt19937_64 random_ GUARDED_BY(mutex_);
  bool shutDown_ GUARDED_BY(mutex_) = false;
};

}  // namespace baton::kube
