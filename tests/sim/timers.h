// Timers of one process, by the clock of its machine.
#pragma once

#include <memory>
#include <unordered_map>
#include <utility>

#include "base/timers.h"
#include "sim/machine.h"

namespace baton::sim {

class VirtualTimers final : public Timers {
 public:
  VirtualTimers(Machine& machine, std::shared_ptr<Life> life)
      : Timers(NoThread{}), machine_(machine), life_(std::move(life)) {}

  Id at(Steady when, std::function<void()> f) override {
    const Id id = ++last_;
    if (!life_->alive) return id;
    planned_.emplace(id, std::move(f));
    plan(id, when);
    return id;
  }
  Id after(std::chrono::steady_clock::duration delay, std::function<void()> f) override {
    return at(machine_.clock.steady() + delay, std::move(f));
  }
  bool cancel(Id id) override { return planned_.erase(id) != 0; }
  /// Drops what is planned.
  void forget() { std::exchange(planned_, {}); }

 private:
  void plan(Id id, Steady when) {
    machine_.call(life_, machine_.clock.until(when), [this, id, when] {
      const auto found = planned_.find(id);
      if (found == planned_.end()) return;
      if (machine_.clock.steady() < when) return plan(id, when);  // it was suspended
      const auto f = std::move(found->second);
      planned_.erase(found);
      f();
    });
  }

  Machine& machine_;
  const std::shared_ptr<Life> life_;
  std::unordered_map<Id, std::function<void()>> planned_;
  Id last_ = 0;
};

}  // namespace baton::sim
