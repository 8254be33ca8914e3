#include "kube/leader_elector.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <deque>
#include <random>

#include "base/log.h"
#include "base/mutex.h"
#include "kube/request.h"

namespace baton::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

Result<LeaseRecord> leaseOf(Result<http::Response> answer) {
  if (!answer.ok()) return std::move(answer).error();
  return parseLease(answer->body);
}

}  // namespace

std::string makeIdentity() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0') std::snprintf(host.data(), 8, "unknown");
  std::random_device random;
  std::array<uint32_t, 4> r{random(), random(), random(), random()};
  r[1] = (r[1] & 0xFFFF0FFFU) | 0x4000U;      // version 4
  r[2] = (r[2] & 0x3FFFFFFFU) | 0x80000000U;  // RFC 9562's variant
  std::array<char, 40> uuid{};
  std::snprintf(uuid.data(), uuid.size(), "%08x-%04x-%04x-%04x-%04x%08x", r[0], r[1] >> 16, r[1] & 0xFFFFU, r[2] >> 16,
                r[2] & 0xFFFFU, r[3]);
  return std::string(host.data()) + "_" + uuid.data();
}

// One request or wait is under way at a time, and its end begins the next. Besides, a timer ends the leadership at the
// renew deadline, whatever is under way.
class LeaderElector::Inner : public std::enable_shared_from_this<Inner> {
 public:
  Inner(Client& client, Timers& timers, const Clock& clock, LeaderElectorOptions options)
      : options_(std::move(options)),
        client_(client),
        timers_(timers),
        clock_(clock),
        machine_(options_.identity, options_.timings),
        random_(options_.seed) {}

  void start(LeaderCallbacks callbacks);
  void stop(milliseconds atMost);
  void abandon();
  bool leading() const;
  milliseconds remaining() const;
  std::string holder() const;

  const LeaderElectorOptions options_;

 private:
  enum class Phase {
    Running,
    Resigned,   // stop() was called; what is under way ends first
    Releasing,  // the Lease is being given back
    Finished,   // nothing more is begun or told
  };
  /// One link of the chain: decides under the lock what comes next (nothing: it is not this one's turn), tells the
  /// callbacks, begins the next.
  template <class F>
  void advance(F&& decide) EXCLUDES(mutex_);
  void follow(LeaseAction action) EXCLUDES(mutex_);
  std::optional<LeaseAction> planned(LeaseAction action) EXCLUDES(mutex_);
  void send(LeaseAction action);
  void onWaited(uint64_t wait);
  void onRead(Result<LeaseRecord> answer);
  void onWritten(Result<LeaseRecord> answer);
  void onDeadline();
  void notice(bool wasLeading, const std::string& lastHolder) REQUIRES(mutex_);
  void planDeadline() REQUIRES(mutex_);
  void cancelTimers() REQUIRES(mutex_);
  void deliver() EXCLUDES(mutex_);
  double random() REQUIRES(mutex_) { return std::uniform_real_distribution<double>(0, 1)(random_); }

  Client& client_;
  Timers& timers_;
  const Clock& clock_;
  // Nanoseconds of BootTime until which the lease is ours; 0: not leading. Workers read it without the lock.
  std::atomic<int64_t> validUntil_{0};

  mutable Mutex mutex_;
  CondVar changed_;
  LeaderCallbacks callbacks_ GUARDED_BY(mutex_);
  LeaseMachine machine_ GUARDED_BY(mutex_);
  std::mt19937_64 random_ GUARDED_BY(mutex_);
  Phase phase_ GUARDED_BY(mutex_) = Phase::Running;
  int busy_ GUARDED_BY(mutex_) = 0;       // threads between the parts of advance()
  uint64_t wait_ GUARDED_BY(mutex_) = 0;  // number of the wait that is under way; 0: none
  uint64_t waits_ GUARDED_BY(mutex_) = 0;
  Timers::Id waitTimer_ GUARDED_BY(mutex_) = 0;
  Timers::Id deadlineTimer_ GUARDED_BY(mutex_) = 0;
  std::optional<BootTime> deadlineAt_ GUARDED_BY(mutex_);  // what deadlineTimer_ is for
  std::deque<std::function<void()>> untold_ GUARDED_BY(mutex_);
  bool telling_ GUARDED_BY(mutex_) = false;
};

template <class F>
void LeaderElector::Inner::advance(F&& decide) {
  std::optional<LeaseAction> action;
  {
    MutexLock l(mutex_);
    if (phase_ == Phase::Finished) return;
    const bool wasLeading = machine_.leading();
    const std::string lastHolder = machine_.holder();
    action = decide(options_.now(), clock_.now());
    if (!action) return;
    notice(wasLeading, lastHolder);
    ++busy_;
  }
  deliver();
  follow(std::move(*action));
  MutexLock l(mutex_);
  if (--busy_ == 0) changed_.notifyAll();
}

void LeaderElector::Inner::follow(LeaseAction action) {
  if (auto request = planned(std::move(action))) send(std::move(*request));
}

/// Waits and ends are dealt with here; what is returned has to be sent.
std::optional<LeaseAction> LeaderElector::Inner::planned(LeaseAction action) {
  MutexLock l(mutex_);
  if (phase_ == Phase::Finished) return std::nullopt;
  if (phase_ == Phase::Running && action.what == LeaseAction::Do::Wait) {
    wait_ = ++waits_;
    waitTimer_ = timers_.after(action.delay, [self = shared_from_this(), n = wait_] { self->onWaited(n); });
    return std::nullopt;
  }
  if (phase_ == Phase::Running) return action;
  if (phase_ == Phase::Resigned) {
    phase_ = Phase::Releasing;
    action = machine_.release(options_.now(), clock_.now());
    if (action.what != LeaseAction::Do::Stop) return action;
  }
  phase_ = Phase::Finished;
  changed_.notifyAll();
  return std::nullopt;
}

void LeaderElector::Inner::send(LeaseAction action) {
  ApiRequest request;
  if (action.what == LeaseAction::Do::Read)
    request = get(resources::leases, options_.ns, options_.name);
  else if (action.what == LeaseAction::Do::Create)
    request = create(resources::leases, options_.ns, leaseBody(action.record, options_.ns, options_.name));
  else
    request = mergePatch(resources::leases, options_.ns, options_.name, leasePatch(action.record));
  request.lane = Lane::Lease;
  request.retries = 0;  // the machine tries again, with a fresh time
  request.timeout = options_.timings.renewDeadline / 2;
  const bool reading = action.what == LeaseAction::Do::Read;
  client_.send(std::move(request), [self = shared_from_this(), reading](Result<http::Response> answer) {
    if (reading)
      self->onRead(leaseOf(std::move(answer)));
    else
      self->onWritten(leaseOf(std::move(answer)));
  });
}

void LeaderElector::Inner::onWaited(uint64_t wait) {
  advance([&](BootTime now, Time wall) BATON_TSA(requires_capability(mutex_)) -> std::optional<LeaseAction> {
    if (wait != wait_) return std::nullopt;
    wait_ = 0;
    return machine_.tick(now, wall);
  });
}

void LeaderElector::Inner::onRead(Result<LeaseRecord> answer) {
  if (!answer.ok() && answer.error().kind != Error::Kind::NotFound)
    log::warn("the Lease could not be read", {{"lease", options_.name}, {"error", answer.error().message}});
  advance([&](BootTime now, Time wall) BATON_TSA(requires_capability(mutex_)) -> std::optional<LeaseAction> {
    return machine_.read(answer, now, wall, random());
  });
}

void LeaderElector::Inner::onWritten(Result<LeaseRecord> answer) {
  if (!answer.ok())
    log::info("the Lease could not be written", {{"lease", options_.name}, {"error", answer.error().message}});
  advance([&](BootTime now, Time) BATON_TSA(requires_capability(mutex_)) -> std::optional<LeaseAction> {
    return machine_.written(answer, now, random());
  });
}

void LeaderElector::Inner::onDeadline() {
  {
    MutexLock l(mutex_);
    if (phase_ != Phase::Running) return;
    deadlineAt_.reset();
    deadlineTimer_ = 0;
    const bool wasLeading = machine_.leading();
    machine_.expire(options_.now());
    notice(wasLeading, machine_.holder());
    ++busy_;
  }
  deliver();
  MutexLock l(mutex_);
  if (--busy_ == 0) changed_.notifyAll();
}

/// What became different is made known: to workers, to the callbacks, to the deadline's timer.
void LeaderElector::Inner::notice(bool wasLeading, const std::string& lastHolder) {
  const auto until = machine_.validUntil();
  validUntil_ = until ? until->time_since_epoch().count() : 0;
  planDeadline();
  if (wasLeading && !machine_.leading()) {
    log::info("no longer the leader", {{"lease", options_.name}, {"identity", options_.identity}});
    if (callbacks_.onStoppedLeading) untold_.push_back(callbacks_.onStoppedLeading);
  }
  if (machine_.holder() != lastHolder && callbacks_.onNewLeader)
    untold_.push_back([f = callbacks_.onNewLeader, holder = machine_.holder()] { f(holder); });
  if (!wasLeading && machine_.leading()) {
    log::info("now the leader", {{"lease", options_.name}, {"identity", options_.identity}});
    if (callbacks_.onStartedLeading) untold_.push_back(callbacks_.onStartedLeading);
  }
}

void LeaderElector::Inner::planDeadline() {
  const auto deadline = machine_.deadline();
  if (deadline == deadlineAt_) return;
  if (deadlineTimer_ != 0) timers_.cancel(deadlineTimer_);
  deadlineTimer_ = 0;
  deadlineAt_ = deadline;
  if (!deadline) return;
  const nanoseconds left = std::max<nanoseconds>(*deadline - options_.now(), milliseconds(1));
  deadlineTimer_ = timers_.after(left, [self = shared_from_this()] { self->onDeadline(); });
}

void LeaderElector::Inner::cancelTimers() {
  if (waitTimer_ != 0) timers_.cancel(std::exchange(waitTimer_, 0));
  if (deadlineTimer_ != 0) timers_.cancel(std::exchange(deadlineTimer_, 0));
  deadlineAt_.reset();
}

/// Runs the callbacks in order, by whichever thread is here first.
void LeaderElector::Inner::deliver() {
  mutex_.lock();
  if (!telling_) {
    telling_ = true;
    while (!untold_.empty()) {
      const auto tell = std::move(untold_.front());
      untold_.pop_front();
      mutex_.unlock();
      tell();
      mutex_.lock();
    }
    telling_ = false;
    changed_.notifyAll();
  }
  mutex_.unlock();
}

void LeaderElector::Inner::start(LeaderCallbacks callbacks) {
  {
    MutexLock l(mutex_);
    callbacks_ = std::move(callbacks);
    wait_ = ++waits_;
  }
  onWaited(1);
}

void LeaderElector::Inner::stop(milliseconds atMost) {
  const Steady until = std::chrono::steady_clock::now() + atMost;
  bool idle = false;
  {
    MutexLock l(mutex_);
    if (phase_ == Phase::Running) {
      const bool wasLeading = machine_.leading();
      machine_.resign();
      notice(wasLeading, machine_.holder());
      phase_ = Phase::Resigned;
      cancelTimers();
      idle = wait_ != 0 || waits_ == 0;
      wait_ = 0;
    }
    ++busy_;
  }
  deliver();
  if (idle) follow({LeaseAction::Do::Stop, {}, {}});
  MutexLock l(mutex_);
  --busy_;
  while (phase_ != Phase::Finished && changed_.waitUntil(mutex_, until)) {
  }
  phase_ = Phase::Finished;
  while (busy_ > 0 || telling_ || !untold_.empty()) changed_.wait(mutex_);
}

void LeaderElector::Inner::abandon() {
  MutexLock l(mutex_);
  phase_ = Phase::Finished;
  machine_.resign();
  validUntil_ = 0;
  cancelTimers();
  untold_.clear();
  while (busy_ > 0 || telling_) changed_.wait(mutex_);
}

bool LeaderElector::Inner::leading() const { return remaining().count() > 0; }

milliseconds LeaderElector::Inner::remaining() const {
  const BootTime until{nanoseconds(validUntil_.load())};
  const BootTime now = options_.now();
  return until > now ? std::chrono::floor<milliseconds>(until - now) : milliseconds(0);
}

std::string LeaderElector::Inner::holder() const {
  MutexLock l(mutex_);
  return machine_.holder();
}

LeaderElector::LeaderElector(Client& client, Timers& timers, const Clock& clock, LeaderElectorOptions options)
    : inner_(std::make_shared<Inner>(client, timers, clock, std::move(options))) {}
LeaderElector::~LeaderElector() { inner_->abandon(); }
void LeaderElector::start(LeaderCallbacks callbacks) { inner_->start(std::move(callbacks)); }
void LeaderElector::stop(milliseconds atMost) { inner_->stop(atMost); }
bool LeaderElector::leading() const { return inner_->leading(); }
milliseconds LeaderElector::remaining() const { return inner_->remaining(); }
const std::string& LeaderElector::identity() const { return inner_->options_.identity; }
std::string LeaderElector::holder() const { return inner_->holder(); }

void NoElection::start(LeaderCallbacks callbacks) {
  callbacks_ = std::move(callbacks);
  if (callbacks_.onNewLeader) callbacks_.onNewLeader(identity_);
  if (callbacks_.onStartedLeading) callbacks_.onStartedLeading();
}

void NoElection::stop(milliseconds) {
  if (callbacks_.onStoppedLeading) callbacks_.onStoppedLeading();
  callbacks_ = {};
}

}  // namespace baton::kube
