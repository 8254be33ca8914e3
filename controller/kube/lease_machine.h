// PURE: who leads, by a coordination.k8s.io/v1 Lease. Values in, an Action out; no thread, socket, clock or random
// source. As client-go's leaderelection: times that others wrote are never compared with our clock; a candidate
// counts from the moment when it itself first saw the record as it is.
//
// Why two never lead: the holder counts its lease from BEFORE the request that renewed it was sent; a candidate counts
// the same duration from AFTER it saw that renewal, and takes over only by a write that carries the resourceVersion
// it saw. This needs clocks of about the same speed, never of the same time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/time.h"

namespace baton::kube {

/// CLOCK_BOOTTIME: as the steady clock, but it also counts while the machine is suspended (CLOCK_MONOTONIC stands
/// still then, and a woken leader would believe in a lease that is long gone). Both go on while a process is stopped.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  static time_point now();  // lease_clock.cc; the machine itself never calls it
};
using BootTime = BootClock::time_point;

struct LeaseTimings {
  std::chrono::milliseconds leaseDuration{15000};  // how long others wait after the last renewal they saw
  std::chrono::milliseconds renewDeadline{10000};  // the holder gives up this long after its last renewal
  std::chrono::milliseconds retryPeriod{2000};     // between two tries, of holder and candidate
};
/// leaseDuration > renewDeadline > 1.2 × retryPeriod > 0.
Status checkTimings(const LeaseTimings& timings);

/// The part of a Lease that counts.
struct LeaseRecord {
  std::string holderIdentity;  // empty: free
  int64_t leaseDurationSeconds = 0;
  std::optional<Time> acquireTime;
  std::optional<Time> renewTime;
  int64_t leaseTransitions = 0;
  std::string resourceVersion;
  bool operator==(const LeaseRecord&) const = default;
};

struct LeaseAction {
  enum class Do {
    Wait,    // for `delay`, then call tick()
    Read,    // GET, then call read()
    Create,  // POST `record`, then call written()
    Patch,   // merge patch of `record`, with its resourceVersion as precondition, then call written()
    Stop,    // released, or nothing to release: the end
  };
  Do what = Do::Wait;
  std::chrono::milliseconds delay{0};
  LeaseRecord record;
};

/// Calls come one at a time. `now` never goes back; `wall` is only written into the Lease, for people; `random` is
/// evenly spread in [0, 1).
class LeaseMachine {
 public:
  LeaseMachine(std::string identity, LeaseTimings timings) : identity_(std::move(identity)), timings_(timings) {}

  /// The start, and the end of each wait.
  LeaseAction tick(BootTime now, Time wall);
  /// The answer to Read; Error::Kind::NotFound when there is no Lease.
  LeaseAction read(const Result<LeaseRecord>& answer, BootTime now, Time wall, double random);
  /// The answer to Create or Patch: the Lease as stored.
  LeaseAction written(const Result<LeaseRecord>& answer, BootTime now, double random);
  /// Gives up a lease that has not been renewed for renewDeadline. To be called at deadline(), whatever is under way.
  void expire(BootTime now);
  /// Does not lead any more, whatever is under way, and will not again.
  void resign();
  /// After resign(), when nothing is under way: gives the Lease back if it is ours, so that another need not wait.
  LeaseAction release(BootTime now, Time wall);

  bool leading() const { return leading_; }
  /// Until when the lease is surely ours, with 1 % taken off for clocks of different speed; nothing when not leading.
  std::optional<BootTime> validUntil() const;
  /// For how long from now; 0 when not leading, or when that time is past, whether or not expire() has run.
  std::chrono::nanoseconds remaining(BootTime now) const;
  /// When the holder gives up unless it renews.
  std::optional<BootTime> deadline() const;
  /// Who held the Lease when we last looked; empty: nobody, or not known.
  const std::string& holder() const { return observed_.holderIdentity; }

 private:
  LeaseAction create(BootTime now, Time wall);
  LeaseAction take(BootTime now, Time wall);
  LeaseAction renew(BootTime now, Time wall);
  LeaseAction write(LeaseAction::Do what, LeaseRecord record, BootTime now);
  LeaseAction wait(double random) const;
  void observe(const LeaseRecord& record, BootTime now);
  bool heldByOther(BootTime now) const;
  int64_t durationSeconds() const;

  const std::string identity_;
  const LeaseTimings timings_;
  LeaseRecord observed_;
  BootTime observedAt_{};  // when observed_ was first seen as it is
  bool reread_ = true;     // observed_ may be out of date: read before writing
  BootTime sentAt_{};      // before the write that is under way was sent
  BootTime renewedAt_{};   // sentAt_ of the last write that succeeded
  bool leading_ = false;
  bool resigned_ = false;
};

}  // namespace baton::kube
