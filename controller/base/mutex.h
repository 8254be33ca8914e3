// A mutex that clang's -Wthread-safety understands: https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define BATON_TSA(x) __attribute__((x))
#else
#define BATON_TSA(x)
#endif
#define GUARDED_BY(x) BATON_TSA(guarded_by(x))
#define REQUIRES(...) BATON_TSA(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) BATON_TSA(locks_excluded(__VA_ARGS__))

namespace baton {

class BATON_TSA(capability("mutex")) Mutex {
 public:
  void lock() BATON_TSA(acquire_capability()) { m_.lock(); }
  void unlock() BATON_TSA(release_capability()) { m_.unlock(); }

 private:
  friend class CondVar;
  std::mutex m_;
};

/// Holds the mutex for its own lifetime.
class BATON_TSA(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& m) BATON_TSA(acquire_capability(m)) : m_(m) { m_.lock(); }
  ~MutexLock() BATON_TSA(release_capability()) { m_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& m_;
};

/// To be used with a Mutex that the caller holds; as every condition variable it may wake for no reason.
class CondVar {
 public:
  void wait(Mutex& m) REQUIRES(m) {
    std::unique_lock<std::mutex> l(m.m_, std::adopt_lock);
    c_.wait(l);
    l.release();
  }
  /// False when the time came first.
  bool waitUntil(Mutex& m, std::chrono::steady_clock::time_point t) REQUIRES(m) {
    std::unique_lock<std::mutex> l(m.m_, std::adopt_lock);
    const bool woken = c_.wait_until(l, t) == std::cv_status::no_timeout;
    l.release();
    return woken;
  }
  void notifyOne() { c_.notify_one(); }
  void notifyAll() { c_.notify_all(); }

 private:
  std::condition_variable c_;
};

}  // namespace baton
