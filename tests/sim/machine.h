// A machine on which a controller runs: its clocks, its connections to the network, and whether it stands still.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "kube/lease_machine.h"
#include "sim/random.h"
#include "sim/scheduler.h"

namespace baton::sim {

/// The moment at which every run begins, on a clock that is right.
Time beginning();

/// Clocks of one machine: they go at a speed of their own; the wall clock may be set, and all but the steady one go on
/// while the machine is suspended.
class MachineClock final : public Clock {
 public:
  MachineClock(const Scheduler& scheduler, double speed, Micros wrongBy)
      : scheduler_(scheduler), speed_(speed), wrongBy_(wrongBy) {}

  Time now() const override { return beginning() + std::chrono::microseconds(elapsed() + wrongBy_); }
  Steady steady() const override {
    return Steady(std::chrono::hours(1) + std::chrono::microseconds(elapsed() - suspended_));
  }
  kube::BootTime boot() const { return kube::BootTime(std::chrono::hours(1) + std::chrono::microseconds(elapsed())); }
  /// In how long the steady clock shows that, unless the machine is suspended meanwhile.
  Micros until(Steady when) const;
  void set(Micros by) { wrongBy_ += by; }
  void wasSuspended(Micros forSoLong) { suspended_ += static_cast<Micros>(static_cast<double>(forSoLong) * speed_); }

 private:
  Micros elapsed() const { return static_cast<Micros>(static_cast<double>(scheduler_.now()) * speed_); }

  const Scheduler& scheduler_;
  const double speed_;
  Micros wrongBy_, suspended_ = 0;
};

/// What becomes of one message and its answer.
struct Route {
  Micros there = 0, back = 0;
  bool arrives = true, answered = true;
  bool twice = false;   // arrives a second time
  bool silent = false;  // of a loss nothing is heard; else the connection is seen to break
};

/// The way from a machine to others, and what is wrong with it.
struct Link {
  struct Weather {
    double lost = 0, unanswered = 0, twice = 0, slow = 0;
    Micros slowest = kSecond;
  };
  Weather weather;  // until `calmAt`
  Micros calmAt = 0;
  Micros cutUntil = 0;      // nothing goes through
  Micros stalledUntil = 0;  // watches: nothing is heard
  Micros deafUntil = 0;     // what is sent arrives, and no answer comes back

  Route route(Micros now, Random& random) const;
};

/// What a controller sends that changes something.
enum class Message { Label, Hook, Status, Lease };

/// One run of a process. What belongs to it happens no more once it is dead.
struct Life {
  bool alive = true;
  std::function<void()> afterwards;  // after each of its callbacks
};

class Machine {
 public:
  Machine(Scheduler& scheduler, std::string name, Random random);

  /// On that process: then, or when the machine goes on; never when the process has died by then.
  void call(const std::shared_ptr<Life>& life, Micros delay, std::function<void()> f);
  void freeze(Micros forSoLong);
  /// As freeze(), and its steady clock stands still meanwhile.
  void suspend(Micros forSoLong);

  Scheduler& scheduler;
  const std::string name;
  Random random;
  MachineClock clock;
  Link api, pods;
  /// Called with the next messages as they leave, and the name or address of what they are about, until it is done;
  /// says how much later they arrive.
  std::function<Micros(Message, const std::string&)> strike;
  Micros struck(Message what, const std::string& whom) const { return strike ? strike(what, whom) : 0; }

 private:
  void enter(const std::shared_ptr<Life>& life, std::function<void()> f);
  Micros frozenUntil_ = 0, suspendedUntil_ = 0;
};

}  // namespace baton::sim
