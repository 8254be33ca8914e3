// Which request may begin, and which of the waiting ones is next. Counts and orders only; not thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "kube/client.h"

namespace baton::kube {

/// T: a waiting request. Lanes are strict. Events are the least of them: the server's time that they take would be
/// missing where a role changes, so that they wait until nothing else has been under way for kQuiet; those that have
/// waited for kPatience no longer do, nor do those behind them: they go when nothing else waits. Lane::Lease never
/// comes here.
template <class T>
class RequestQueue {
 public:
  static constexpr std::chrono::milliseconds kQuiet{50};
  static constexpr std::chrono::seconds kPatience{10};

  RequestQueue(int most, int moreForRoleChange) : most_(most), mostRoleChange_(most + moreForRoleChange) {}

  /// Begins one when it may; else call push().
  bool enter(Lane lane, Steady now) {
    if (lane == Lane::Event && (!lanes_[index(lane)].empty() || !quiet(now))) return false;
    if (underWay() >= limit(lane)) return false;
    begin(lane, now);
    return true;
  }

  void push(Lane lane, T waiting, Steady now) { lanes_[index(lane)].push_back({std::move(waiting), now}); }

  /// One that had begun has ended. The one to begin now, if any, counts as begun.
  std::optional<T> leave(Lane lane, Steady now) {
    --(lane == Lane::Event ? events_ : others_);
    if (lane != Lane::Event) busy_ = now;
    return next(now);
  }

  /// As leave(), without an end: to be asked once every kQuiet as long as Events wait.
  std::optional<T> next(Steady now) {
    for (const Lane lane : {Lane::RoleChange, Lane::Normal, Lane::Event}) {
      std::deque<Waiting>& waiting = lanes_[index(lane)];
      if (waiting.empty()) continue;
      if (underWay() >= limit(lane)) continue;
      if (lane == Lane::Event) {
        draining_ = draining_ || now >= waiting.front().since + kPatience;
        if (!draining_ && !quiet(now)) continue;
      }
      T first = std::move(waiting.front().what);
      waiting.pop_front();
      if (lane == Lane::Event && waiting.empty()) draining_ = false;
      begin(lane, now);
      return first;
    }
    return std::nullopt;
  }

  bool eventsWait() const { return !lanes_[index(Lane::Event)].empty(); }

  std::vector<T> takeWaiting() {
    std::vector<T> all;
    for (std::deque<Waiting>& waiting : lanes_) {
      for (Waiting& w : waiting) all.push_back(std::move(w.what));
      waiting.clear();
    }
    return all;
  }

 private:
  struct Waiting {
    T what;
    Steady since;
  };
  static size_t index(Lane lane) { return static_cast<size_t>(lane); }
  int limit(Lane lane) const { return lane == Lane::RoleChange ? mostRoleChange_ : most_; }
  int underWay() const { return events_ + others_; }
  bool quiet(Steady now) const { return others_ == 0 && now >= busy_ + kQuiet; }
  void begin(Lane lane, Steady now) {
    ++(lane == Lane::Event ? events_ : others_);
    if (lane != Lane::Event) busy_ = now;
  }

  const int most_;
  const int mostRoleChange_;
  int events_ = 0, others_ = 0;  // under way
  Steady busy_ = Steady::min();  // when another than an Event last began or ended
  bool draining_ = false;        // an Event has waited for kPatience
  std::array<std::deque<Waiting>, 4> lanes_;
};

}  // namespace baton::kube
