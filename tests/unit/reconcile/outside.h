// The outside world of a reconciler: an API server, pods, a Lease, a reader of Events. Each answers on one other
// thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kube/event_recorder.h"
#include "kube/leader_elector.h"
#include "mechanisms/mechanisms.h"
#include "unit/kube/manual_clock.h"
#include "unit/kube/watch_fake_client.h"

namespace baton::reconcile {

/// The thread on which callbacks run.
class Outside {
 public:
  void post(std::function<void()> task) {
    const std::lock_guard l(mutex_);
    ++pending_;
    thread_.post([this, task = std::move(task)] {
      task();
      const std::lock_guard done(mutex_);
      if (--pending_ == 0) changed_.notify_all();
    });
  }
  /// Waits until all that was posted has run, and all that was posted by that.
  void drain() {
    std::unique_lock l(mutex_);
    changed_.wait(l, [this] { return pending_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int pending_ = 0;
  kube::FakeThread thread_;
};

/// What happened outside, in its order.
class Journal {
 public:
  void add(std::string line) {
    const std::lock_guard l(mutex_);
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> take() {
    const std::lock_guard l(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Its time stands; `whenAsked` runs each time that somebody asks.
class AskedClock final : public kube::ManualClock {
 public:
  Time now() const override {
    if (whenAsked) whenAsked();
    return ManualClock::now();
  }
  std::function<void()> whenAsked;  // set while nobody asks
};

class FakeLeadership final : public kube::Leadership {
 public:
  void start(kube::LeaderCallbacks) override {}
  void stop(std::chrono::milliseconds) override {}
  bool leading() const override { return leading_; }
  std::chrono::milliseconds remaining() const override {
    return std::chrono::milliseconds(leading_ ? left_.load() : 0);
  }
  const std::string& identity() const override { return identity_; }
  std::string holder() const override { return identity_; }

  void lead(std::chrono::milliseconds left) {
    left_ = left.count();
    leading_ = true;
  }
  void lose() { leading_ = false; }

 private:
  const std::string identity_ = "me";
  std::atomic<bool> leading_{true};
  std::atomic<int64_t> left_{15000};
};

class FakeEvents final : public kube::EventRecorder {
 public:
  void record(kube::Occurrence o) override {
    const std::lock_guard l(mutex_);
    all_.push_back(std::move(o));
  }
  std::vector<kube::Occurrence> take() {
    const std::lock_guard l(mutex_);
    return std::exchange(all_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<kube::Occurrence> all_;
};

/// "demote orders-0", "SetPrimary orders-1".
inline std::string describe(const ha::EffectId& id) {
  using Kind = ha::EffectId::Kind;
  switch (id.kind) {
    case Kind::Hook:
      return std::string(api::name(id.hook)) + " " + id.pod;
    case Kind::SetPrimary:
      return "SetPrimary " + id.pod;
    case Kind::SetStandby:
      return "SetStandby " + id.pod;
    case Kind::MarkFollowed:
      return "MarkFollowed " + id.pod;
    case Kind::CheckRouting:
      return "CheckRouting " + id.pod;
    case Kind::DeletePod:
      return "DeletePod " + id.pod;
  }
  return "?";
}

/// An effect that was begun. It ends when the test says so, even when it was cancelled.
struct Begun final : http::Call {
  Begun(ha::Effect e, mechanisms::Target t, mechanisms::Done d)
      : effect(std::move(e)), target(std::move(t)), done(std::move(d)) {}
  void cancel() override { cancelled = true; }

  const ha::Effect effect;
  const mechanisms::Target target;
  const mechanisms::Done done;
  std::atomic<bool> cancelled{false};
};

class FakeMechanisms final : public mechanisms::Mechanisms {
 public:
  explicit FakeMechanisms(Journal& journal) : journal_(journal) {}

  http::CallHandle run(const ha::Effect& effect, mechanisms::Target target, mechanisms::Done done) override {
    auto begun = std::make_shared<Begun>(effect, std::move(target), std::move(done));
    const std::lock_guard l(mutex_);
    begun_.push_back(begun);
    journal_.add("begin " + describe(effect.id));
    return begun;
  }
  /// The one begun first of those that nobody took yet. Throws when there is none.
  std::shared_ptr<Begun> take(const std::string& what) {
    const std::lock_guard l(mutex_);
    const auto it =
        std::find_if(begun_.begin(), begun_.end(), [&](const auto& b) { return describe(b->effect.id) == what; });
    if (it == begun_.end()) throw std::runtime_error("nobody began " + what);
    auto begun = *it;
    begun_.erase(it);
    return begun;
  }

 private:
  Journal& journal_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Begun>> begun_;
};

}  // namespace baton::reconcile
