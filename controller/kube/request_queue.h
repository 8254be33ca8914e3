// Which request may begin, and which of the waiting ones is next. Counts and orders only; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "kube/client.h"

namespace baton::kube {

/// T: a waiting request. Lanes are strict: an Event goes only when nothing else waits. Lane::Lease never comes here.
template <class T>
class RequestQueue {
 public:
  RequestQueue(int most, int moreForRoleChange) : most_(most), mostRoleChange_(most + moreForRoleChange) {}

  /// Begins one when there is room; else call push().
  bool enter(Lane lane) {
    if (underWay_ >= limit(lane)) return false;
    ++underWay_;
    return true;
  }

  void push(Lane lane, T waiting) { lanes_[index(lane)].push_back(std::move(waiting)); }

  /// One that had begun has ended. The one to begin now, if any, counts as begun.
  std::optional<T> leave() {
    --underWay_;
    for (const Lane lane : {Lane::RoleChange, Lane::Normal, Lane::Event}) {
      std::deque<T>& waiting = lanes_[index(lane)];
      if (waiting.empty() || !enter(lane)) continue;
      T next = std::move(waiting.front());
      waiting.pop_front();
      return next;
    }
    return std::nullopt;
  }

  std::vector<T> takeWaiting() {
    std::vector<T> all;
    for (std::deque<T>& waiting : lanes_) {
      for (T& t : waiting) all.push_back(std::move(t));
      waiting.clear();
    }
    return all;
  }

 private:
  static size_t index(Lane lane) { return static_cast<size_t>(lane); }
  int limit(Lane lane) const { return lane == Lane::RoleChange ? mostRoleChange_ : most_; }

  const int most_;
  const int mostRoleChange_;
  int underWay_ = 0;
  std::array<std::deque<T>, 4> lanes_;
};

}  // namespace baton::kube
