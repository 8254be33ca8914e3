// What happens when, on one thread: the only place where time goes on. Events of the same moment run in the order in
// which they were planned.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace baton::sim {

/// Of virtual time; as a moment, since the beginning of the run.
using Micros = int64_t;
inline constexpr Micros kMillisecond = 1000, kSecond = 1000 * kMillisecond, kMinute = 60 * kSecond;

class Scheduler {
 public:
  Micros now() const { return now_; }
  uint64_t events() const { return events_; }

  void at(Micros when, std::function<void()> f) {
    heap_.push_back({std::max(when, now_), sequence_++, std::move(f)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  void after(Micros delay, std::function<void()> f) { at(now_ + delay, std::move(f)); }

  /// Runs the next event if it is not after `until`; else moves the clock there and says no.
  bool step(Micros until) {
    if (heap_.empty() || heap_.front().when > until) {
      now_ = std::max(now_, until);
      return false;
    }
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Item next = std::move(heap_.back());
    heap_.pop_back();
    now_ = next.when;
    ++events_;
    next.f();
    return true;
  }
  /// Nothing that is planned happens any more.
  void clear() { std::vector<Item>().swap(heap_); }

 private:
  struct Item {
    Micros when;
    uint64_t sequence;
    std::function<void()> f;
  };
  static bool later(const Item& a, const Item& b) {
    return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
  }

  Micros now_ = 0;
  uint64_t sequence_ = 0, events_ = 0;
  std::vector<Item> heap_;
};

}  // namespace baton::sim
