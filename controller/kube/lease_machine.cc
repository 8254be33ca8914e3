#include "kube/lease_machine.h"

#include <algorithm>

namespace baton::kube {
namespace {

using std::chrono::milliseconds;
using Kind = Error::Kind;

constexpr double kJitter = 1.2;               // of the retry period, as client-go's JitterFactor
constexpr int64_t kLongestLease = 24 * 3600;  // seconds; what others wrote is not trusted beyond

/// The same holder with the same times? A change of anything else in the object is no renewal.
bool sameTenure(const LeaseRecord& a, const LeaseRecord& b) {
  LeaseRecord c = a;
  c.resourceVersion = b.resourceVersion;
  return c == b;
}

}  // namespace

Status checkTimings(const LeaseTimings& t) {
  if (t.retryPeriod.count() <= 0) return invalid("the lease's retry period must be greater than 0");
  if (static_cast<double>(t.renewDeadline.count()) <= kJitter * static_cast<double>(t.retryPeriod.count()))
    return invalid("the lease's renew deadline must be greater than 1.2 times its retry period");
  if (t.leaseDuration <= t.renewDeadline)
    return invalid("the lease's duration must be greater than its renew deadline");
  return Ok{};
}

LeaseAction LeaseMachine::tick(BootTime now, Time wall) {
  expire(now);
  if (resigned_) return {LeaseAction::Do::Stop, {}, {}};
  if (leading_ && !reread_) return renew(now, wall);
  return {LeaseAction::Do::Read, {}, {}};
}

LeaseAction LeaseMachine::read(const Result<LeaseRecord>& answer, BootTime now, Time wall, double random) {
  expire(now);
  if (resigned_) return {LeaseAction::Do::Stop, {}, {}};
  if (!answer.ok()) {
    // Somebody deleted it. The holder that we know may not have noticed yet, and counts on its time.
    if (answer.error().kind != Kind::NotFound || heldByOther(now)) return wait(random);
    leading_ = false;
    return create(now, wall);
  }
  observe(*answer, now);
  reread_ = false;
  // Ours though we do not lead: a write whose answer was lost, or a lease that we did not renew in time.
  if (observed_.holderIdentity == identity_) return renew(now, wall);
  leading_ = false;
  if (heldByOther(now)) return wait(random);
  return take(now, wall);
}

LeaseAction LeaseMachine::written(const Result<LeaseRecord>& answer, BootTime now, double random) {
  expire(now);
  if (answer.ok()) {
    observe(*answer, now);
    reread_ = false;
    renewedAt_ = sentAt_;
    // An answer that took too long is worth nothing: its lease is nearly over.
    leading_ = !resigned_ && observed_.holderIdentity == identity_ && now - renewedAt_ < timings_.renewDeadline;
  } else {
    reread_ = true;
  }
  if (resigned_) return {LeaseAction::Do::Stop, {}, {}};
  const bool changed = !answer.ok() && (answer.error().kind == Kind::Conflict || answer.error().kind == Kind::NotFound);
  if (changed && leading_) return {LeaseAction::Do::Read, {}, {}};  // somebody's label may have been the change
  return wait(random);
}

void LeaseMachine::expire(BootTime now) {
  if (!leading_ || now - renewedAt_ < timings_.renewDeadline) return;
  leading_ = false;
  reread_ = true;
}

void LeaseMachine::resign() {
  leading_ = false;
  resigned_ = true;
}

LeaseAction LeaseMachine::release(BootTime now, Time wall) {
  resign();
  if (observed_.holderIdentity != identity_) return {LeaseAction::Do::Stop, {}, {}};
  LeaseRecord record = observed_;
  record.holderIdentity.clear();
  record.leaseDurationSeconds = 1;
  record.renewTime = wall;
  return write(LeaseAction::Do::Patch, std::move(record), now);
}

LeaseAction LeaseMachine::create(BootTime now, Time wall) {
  LeaseRecord record;
  record.holderIdentity = identity_;
  record.leaseDurationSeconds = durationSeconds();
  record.acquireTime = wall;
  record.renewTime = wall;
  return write(LeaseAction::Do::Create, std::move(record), now);
}

LeaseAction LeaseMachine::take(BootTime now, Time wall) {
  LeaseRecord record = observed_;
  record.holderIdentity = identity_;
  record.leaseDurationSeconds = durationSeconds();
  record.acquireTime = wall;
  record.renewTime = wall;
  ++record.leaseTransitions;
  return write(LeaseAction::Do::Patch, std::move(record), now);
}

LeaseAction LeaseMachine::renew(BootTime now, Time wall) {
  LeaseRecord record = observed_;
  record.leaseDurationSeconds = durationSeconds();
  record.renewTime = wall;
  return write(LeaseAction::Do::Patch, std::move(record), now);
}

LeaseAction LeaseMachine::write(LeaseAction::Do what, LeaseRecord record, BootTime now) {
  sentAt_ = now;
  reread_ = true;  // until the answer is there
  return {what, {}, std::move(record)};
}

/// Candidates spread out; the holder keeps time.
LeaseAction LeaseMachine::wait(double random) const {
  const auto period = static_cast<double>(timings_.retryPeriod.count());
  const double factor = leading_ ? 1 : 1 + (kJitter - 1) * random;
  return {LeaseAction::Do::Wait, milliseconds(static_cast<int64_t>(period * factor)), {}};
}

void LeaseMachine::observe(const LeaseRecord& record, BootTime now) {
  if (!sameTenure(record, observed_)) observedAt_ = now;
  observed_ = record;
}

bool LeaseMachine::heldByOther(BootTime now) const {
  if (observed_.holderIdentity.empty() || observed_.holderIdentity == identity_) return false;
  const int64_t said = observed_.leaseDurationSeconds > 0 ? observed_.leaseDurationSeconds : durationSeconds();
  return now - observedAt_ <= std::chrono::seconds(std::min(said, kLongestLease));
}

/// Whole seconds are all that a Lease can say: rounded up, so that others never wait less than we count on.
int64_t LeaseMachine::durationSeconds() const {
  return std::chrono::ceil<std::chrono::seconds>(timings_.leaseDuration).count();
}

std::optional<BootTime> LeaseMachine::validUntil() const {
  if (!leading_) return std::nullopt;
  return renewedAt_ + std::chrono::nanoseconds(timings_.leaseDuration) * 99 / 100;
}

std::chrono::nanoseconds LeaseMachine::remaining(BootTime now) const {
  const auto until = validUntil();
  return until && *until > now ? *until - now : std::chrono::nanoseconds(0);
}

std::optional<BootTime> LeaseMachine::deadline() const {
  if (!leading_) return std::nullopt;
  return renewedAt_ + timings_.renewDeadline;
}

}  // namespace baton::kube
