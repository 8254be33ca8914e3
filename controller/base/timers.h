// Calls functions later, on one thread of its own. Deadlines, back-off and pauses of every layer run on it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <unordered_map>

#include "base/mutex.h"
#include "base/time.h"

namespace baton {

class Timers {
 public:
  using Id = uint64_t;  // never 0

  Timers();
  /// As stop().
  virtual ~Timers();
  /// Waits for a function that is running; what is still planned is dropped, and what is planned later never runs. Not
  /// to be called from a timer function.
  void stop();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  /// Calls f once, at or soon after that time; f must not block and must not throw.
  virtual Id at(Steady when, std::function<void()> f);
  virtual Id after(std::chrono::steady_clock::duration delay, std::function<void()> f);
  /// True when f will not run any more; false when it has run, or is running now.
  virtual bool cancel(Id id);

 protected:
  /// Without a thread: for timers whose time somebody else moves, and who override the three above.
  struct NoThread {};
  explicit Timers(NoThread) {}

 private:
  using Planned = std::multimap<Steady, std::pair<Id, std::function<void()>>>;
  void run();

  Mutex mutex_;
  CondVar changed_;
  Planned planned_ GUARDED_BY(mutex_);
  std::unordered_map<Id, Planned::iterator> byId_ GUARDED_BY(mutex_);
  Id next_ GUARDED_BY(mutex_) = 1;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace baton
