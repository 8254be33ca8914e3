#include "sim/machine.h"

#include <cmath>
#include <utility>

namespace baton::sim {

Time beginning() {
  static const Time t = *parseTime("2026-01-01T00:00:00Z");
  return t;
}

Micros MachineClock::until(Steady when) const {
  const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(when - steady()).count();
  if (left <= 0) return 0;
  return static_cast<Micros>(std::ceil(static_cast<double>(left) / 1000 / speed_)) + 1;
}

Route Link::route(Micros now, Random& random) const {
  Route r;
  r.there = random.between(200, 3000);
  r.back = random.between(200, 3000);
  r.silent = random.oneIn(2);
  if (now < deafUntil) r.answered = false;
  if (now < cutUntil) {
    r.arrives = false;
    return r;
  }
  if (now >= calmAt) return r;
  r.arrives = !random.chance(weather.lost);
  r.answered = !random.chance(weather.unanswered) && r.answered;
  r.twice = random.chance(weather.twice);
  if (random.chance(weather.slow)) r.there += random.below(weather.slowest);
  if (random.chance(weather.slow)) r.back += random.below(weather.slowest);
  return r;
}

namespace {

/// Crystals differ by less than 1 %, which the Lease allows for.
double speedOf(Random random) { return 1 + (random.unit() - 0.5) * 0.008; }
Micros errorOf(Random random) { return random.oneIn(3) ? random.between(-30 * kSecond, 30 * kSecond) : 0; }

}  // namespace

Machine::Machine(Scheduler& s, std::string n, Random r)
    : scheduler(s), name(std::move(n)), random(r), clock(s, speedOf(r.fork(1)), errorOf(r.fork(2))) {}

void Machine::call(const std::shared_ptr<Life>& life, Micros delay, std::function<void()> f) {
  if (!life->alive) return;
  scheduler.after(delay, [this, life, f = std::move(f)]() mutable { enter(life, std::move(f)); });
}

void Machine::enter(const std::shared_ptr<Life>& life, std::function<void()> f) {
  if (!life->alive) return;
  if (frozenUntil_ > scheduler.now()) {
    // In any order then.
    const Micros woken = frozenUntil_ + random.below(random.oneIn(4) ? 200 * kMillisecond : 2 * kMillisecond);
    scheduler.at(woken, [this, life, f = std::move(f)]() mutable { enter(life, std::move(f)); });
    return;
  }
  f();
  if (life->alive && life->afterwards) life->afterwards();
}

void Machine::freeze(Micros forSoLong) { frozenUntil_ = std::max(frozenUntil_, scheduler.now() + forSoLong); }

void Machine::suspend(Micros forSoLong) {
  const Micros until = scheduler.now() + forSoLong, since = std::max(suspendedUntil_, scheduler.now());
  freeze(forSoLong);
  if (until <= since) return;
  clock.wasSuspended(until - since);
  suspendedUntil_ = until;
}

}  // namespace baton::sim
