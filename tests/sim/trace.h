// What happened, one line each; kept only when somebody wants to read it.
#pragma once

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "sim/scheduler.h"

namespace baton::sim {

class Trace {
 public:
  Trace(const Scheduler& scheduler, bool wanted) : scheduler_(scheduler), wanted_(wanted) {}

  bool wanted() const { return wanted_; }
  /// `line` is made only when it is kept.
  template <class F>
  void tell(const char* actor, F&& line) {
    if (!wanted_) return;
    char head[64];
    std::snprintf(head, sizeof head, "%10.3f %-7s ", static_cast<double>(scheduler_.now()) / kSecond, actor);
    lines_.push_back(head + std::string(line()));
  }
  std::vector<std::string> take() { return std::exchange(lines_, {}); }

 private:
  const Scheduler& scheduler_;
  const bool wanted_;
  std::vector<std::string> lines_;
};

}  // namespace baton::sim
