// Takes part in the election of one leader, by a Lease; the rules are in lease_machine.h.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include "base/time.h"
#include "base/timers.h"
#include "kube/client.h"
#include "kube/lease_machine.h"

namespace baton::kube {

struct LeaderCallbacks {
  std::function<void()> onStartedLeading;
  /// No longer leader: lost, or stop(). Only after onStartedLeading.
  std::function<void()> onStoppedLeading;
  /// Another holder was seen; also our own identity. Empty: nobody.
  std::function<void(const std::string& holder)> onNewLeader;
};

/// May we act? Safe from every thread.
class Leadership {
 public:
  virtual ~Leadership() = default;
  /// Callbacks run on transport and timer threads, in order, never two at once; they must not block.
  virtual void start(LeaderCallbacks callbacks) = 0;
  /// Gives the Lease back and waits for the answer, no longer than that. Call it when no effect is under way any more:
  /// the next leader may begin at once. Runs onStoppedLeading before it returns; no callback later. Not to be called
  /// from a callback.
  virtual void stop(std::chrono::milliseconds atMost) = 0;
  virtual bool leading() const = 0;
  /// For how long no other can be leader; 0 when not leading. True at the moment of the call even when this process
  /// was frozen until just now.
  virtual std::chrono::milliseconds remaining() const = 0;
  /// Is there enough time for an effect that may last that long? To be asked right before each effect.
  bool mayStart(std::chrono::milliseconds minimum) const {
    const auto left = remaining();
    return left.count() > 0 && left >= minimum;
  }
  virtual const std::string& identity() const = 0;
  /// The present leader as last seen; empty: not known.
  virtual std::string holder() const = 0;
};

/// "hostname_uuid": never the same for two runs.
std::string makeIdentity();

struct LeaderElectorOptions {
  std::string ns;
  std::string name = "baton-controller";
  std::string identity = makeIdentity();
  LeaseTimings timings;
  std::function<BootTime()> now = &BootClock::now;  // tests turn it
  uint64_t seed = std::random_device{}();           // of the pauses between tries
};

class LeaderElector final : public Leadership {
 public:
  /// client and timers must outlive stop().
  LeaderElector(Client& client, Timers& timers, const Clock& clock, LeaderElectorOptions options);
  /// Ends without giving the Lease back, unless stop() was called before.
  ~LeaderElector() override;
  LeaderElector(const LeaderElector&) = delete;
  LeaderElector& operator=(const LeaderElector&) = delete;

  void start(LeaderCallbacks callbacks) override;
  void stop(std::chrono::milliseconds atMost) override;
  bool leading() const override;
  std::chrono::milliseconds remaining() const override;
  const std::string& identity() const override;
  std::string holder() const override;

 private:
  class Inner;
  std::shared_ptr<Inner> inner_;  // also held by requests and timers under way, which find it stopped
};

/// --leader-elect=false: there is but one, and it leads.
class NoElection final : public Leadership {
 public:
  explicit NoElection(std::string identity = makeIdentity()) : identity_(std::move(identity)) {}
  void start(LeaderCallbacks callbacks) override;
  void stop(std::chrono::milliseconds atMost) override;
  bool leading() const override { return true; }
  std::chrono::milliseconds remaining() const override { return std::chrono::hours(24); }
  const std::string& identity() const override { return identity_; }
  std::string holder() const override { return identity_; }

 private:
  const std::string identity_;
  LeaderCallbacks callbacks_;
};

/// A Lease to and from the API's JSON. PURE.
Result<LeaseRecord> parseLease(const std::string& json);
std::string leaseBody(const LeaseRecord& record, const std::string& ns, const std::string& name);  // for POST
std::string leasePatch(const LeaseRecord& record);                                                 // merge patch

}  // namespace baton::kube
