// Candidates against a Lease in a world where requests and answers are slow, lost, applied late or applied without an
// answer, where processes freeze, resign and start anew, and clocks run at slightly different speed. However the dice
// fall, no two have time left on their lease at the same moment.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "kube/lease_machine.h"

namespace baton::kube {
namespace {

using namespace std::chrono_literals;
using Do = LeaseAction::Do;
using std::chrono::milliseconds;

class World {
 public:
  explicit World(uint64_t seed) : random_(seed) {}

  int64_t dice(int64_t below) { return std::uniform_int_distribution<int64_t>(0, below - 1)(random_); }
  double unit() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  void after(milliseconds delay, std::function<void()> f) { planned_.emplace(now + delay, std::move(f)); }
  bool step() {
    if (planned_.empty()) return false;
    auto first = planned_.extract(planned_.begin());
    now = std::max(now, first.key());
    first.mapped()();
    return true;
  }

  Result<LeaseRecord> serve(const LeaseAction& a) {
    if (a.what == Do::Read) return lease ? Result<LeaseRecord>(*lease) : notFound("no lease");
    if (a.what == Do::Create && lease) return Error{Error::Kind::AlreadyExists, "exists", {}, 409};
    if (a.what == Do::Patch && !lease) return notFound("no lease");
    if (a.what == Do::Patch && lease->resourceVersion != a.record.resourceVersion)
      return Error{Error::Kind::Conflict, "changed", {}, 409};
    lease = a.record;
    lease->resourceVersion = std::to_string(++version_);
    return *lease;
  }

  milliseconds now{1000000};
  std::optional<LeaseRecord> lease;

 private:
  std::mt19937_64 random_;
  std::multimap<milliseconds, std::function<void()>> planned_;
  int version_ = 0;
};

class Candidate : public std::enable_shared_from_this<Candidate> {
 public:
  Candidate(World& world, const std::string& identity)
      : world_(world),
        speed_(1 + 0.004 * (world.unit() - 0.5)),
        offset_(std::chrono::hours(world.dice(1000))),
        machine_(identity, {}) {}

  /// Its own clock: another origin, and up to 0.2 % faster or slower.
  BootTime now() const {
    return BootTime(offset_ + std::chrono::nanoseconds(static_cast<int64_t>(
                                  speed_ * static_cast<double>(std::chrono::nanoseconds(world_.now).count()))));
  }
  bool hasTime() const { return machine_.remaining(now()).count() > 0; }
  void tick() {
    run([this] { follow(machine_.tick(now(), wall())); });
  }
  void freeze(milliseconds d) { frozenUntil_ = world_.now + d; }
  void resign() {
    machine_.resign();
    resigned_ = true;
    if (idle_) follow({Do::Stop, {}, {}});
  }
  bool ended() const { return ended_; }

 private:
  Time wall() const { return Time(world_.now); }
  /// A frozen process does nothing until it wakes.
  void run(std::function<void()> f) {
    if (world_.now >= frozenUntil_) return f();
    world_.after(frozenUntil_ - world_.now, [self = shared_from_this(), f] { self->run(f); });
  }
  void follow(LeaseAction a) {
    idle_ = a.what == Do::Wait;
    if (a.what == Do::Wait) {
      world_.after(a.delay, [self = shared_from_this()] {
        if (!self->resigned_) self->tick();
      });
    } else if (a.what != Do::Stop) {
      send(a);
    } else if (!std::exchange(releasing_, true)) {
      follow(machine_.release(now(), wall()));
    } else {
      ended_ = true;
    }
  }
  milliseconds delay() { return milliseconds(world_.dice(20) == 0 ? world_.dice(12000) : world_.dice(50)); }
  void send(const LeaseAction& a) {
    const auto self = shared_from_this();
    const auto answered = std::make_shared<bool>(false);
    const auto answer = [self, a, answered](const Result<LeaseRecord>& r) {
      self->run([self, a, answered, r] {
        if (std::exchange(*answered, true)) return;
        const bool reading = a.what == Do::Read;
        self->follow(reading ? self->machine_.read(r, self->now(), self->wall(), self->world_.unit())
                             : self->machine_.written(r, self->now(), self->world_.unit()));
      });
    };
    world_.after(5s, [answer] { answer(timedOut("no answer")); });
    if (world_.dice(15) == 0) return;  // the request is lost
    world_.after(delay(), [self, a, answer] {
      const Result<LeaseRecord> r = self->world_.serve(a);
      if (self->world_.dice(15) == 0) return;  // the answer is lost
      self->world_.after(self->delay(), [answer, r] { answer(r); });
    });
  }

  World& world_;
  const double speed_;
  const BootClock::duration offset_;
  LeaseMachine machine_;
  milliseconds frozenUntil_{0};
  bool idle_ = true, resigned_ = false, releasing_ = false, ended_ = false;
};

struct Outcome {
  int leaders = 0;       // changes of who has time
  int64_t ledSteps = 0;  // steps at which somebody had
  int twice = 0;         // steps at which two had
};

Outcome simulate(uint64_t seed, int steps) {
  World world(seed);
  std::vector<std::shared_ptr<Candidate>> candidates;
  int born = 0;
  const auto bear = [&] {
    auto c = std::make_shared<Candidate>(world, "c" + std::to_string(born++));
    c->tick();
    return c;
  };
  const auto count = 2 + world.dice(2);
  for (int64_t i = 0; i < count; ++i) candidates.push_back(bear());
  // The world looks at everybody often, also in the middle of all waits.
  std::function<void()> look = [&] { world.after(milliseconds(1 + world.dice(200)), look); };
  look();
  Outcome o;
  const Candidate* last = nullptr;
  for (int i = 0; i < steps && world.step(); ++i) {
    const Candidate* leader = nullptr;
    for (auto& c : candidates) {
      if (world.dice(3000) == 0) c->freeze(milliseconds(world.dice(40000)));
      if (world.dice(8000) == 0) c->resign();
      if (world.dice(8000) == 0 || c->ended()) c = bear();  // killed, or gone in order: another starts
      if (!c->hasTime()) continue;
      o.twice += leader != nullptr;
      leader = c.get();
    }
    o.ledSteps += leader != nullptr;
    o.leaders += leader && leader != last;
    if (leader) last = leader;
  }
  return o;
}

TEST(LeaseSimulation, NeverTwoLeaders) {
  Outcome all;
  constexpr int kSeeds = 60, kSteps = 8000;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Outcome o = simulate(seed, kSteps);
    ASSERT_EQ(o.twice, 0) << "seed " << seed;
    all.leaders += o.leaders;
    all.ledSteps += o.ledSteps;
  }
  EXPECT_GT(all.leaders, 2 * kSeeds) << "the role changed hands";
  EXPECT_GT(all.ledSteps, kSeeds * kSteps / 3) << "most of the time there was a leader";
}

}  // namespace
}  // namespace baton::kube
