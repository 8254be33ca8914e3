#include "sim/shrink.h"

#include <algorithm>
#include <string>

#include "sim/simulation.h"

namespace baton::sim {
namespace {

constexpr int kMostRuns = 400;

class Shrinker {
 public:
  explicit Shrinker(Plan plan) : plan_(std::move(plan)) {
    const Outcome o = simulate(plan_, false);
    if (o.violation) rule_ = o.violation->rule;
  }

  Plan smallest() {
    if (rule_.empty()) return plan_;
    for (size_t part = std::max<size_t>(1, plan_.happenings.size() / 2); part > 0; part /= 2) leaveOut(part);
    while (leaveOut(1)) {
    }
    shorten();
    return plan_;
  }

 private:
  bool still(const Plan& smaller) {
    if (++runs_ > kMostRuns) return false;
    const Outcome o = simulate(smaller, false);
    if (!o.violation || o.violation->rule != rule_) return false;
    plan_ = smaller;
    return true;
  }

  /// Tries to do without each so many happenings.
  bool leaveOut(size_t part) {
    bool any = false;
    for (size_t at = 0; at < plan_.happenings.size();) {
      Plan smaller = plan_;
      auto& all = smaller.happenings;
      const auto from = all.begin() + static_cast<long>(at);
      all.erase(from, from + static_cast<long>(std::min(part, all.size() - at)));
      if (still(smaller))
        any = true;
      else
        at += part;
    }
    return any;
  }

  /// One controller is enough for most, and so is a quarter of the time.
  void shorten() {
    for (int n = 1; n < plan_.controllers; ++n) {
      Plan smaller = plan_;
      smaller.controllers = n;
      if (still(smaller)) break;
    }
    for (Happening& h : std::vector<Happening>(plan_.happenings)) {
      if (h.lasting < 2 * kMillisecond) continue;
      Plan smaller = plan_;
      for (auto& x : smaller.happenings)
        if (x.when == h.when && x.details == h.details) x.lasting /= 2;
      still(smaller);
    }
  }

  Plan plan_;
  std::string rule_;
  int runs_ = 0;
};

}  // namespace

Plan shrink(Plan plan) { return Shrinker(std::move(plan)).smallest(); }

}  // namespace baton::sim
