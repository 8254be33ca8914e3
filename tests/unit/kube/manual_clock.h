// A clock that stands until the test moves it.
#pragma once

#include <atomic>
#include <chrono>

#include "base/time.h"

namespace baton::kube {

class ManualClock : public Clock {
 public:
  Time now() const override { return Time(std::chrono::microseconds(1'800'000'000'000'000 + micros_)); }
  Steady steady() const override { return Steady(std::chrono::hours(1) + std::chrono::microseconds(micros_)); }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }

 private:
  std::atomic<int64_t> micros_{0};
};

}  // namespace baton::kube
