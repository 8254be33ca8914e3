#include "reconcile/fleet.h"

#include "base/log.h"
#include "ha/failure.h"
#include "ha/governor.h"

namespace baton::reconcile {
namespace {

/// Fewer groups than that say nothing about Baton itself: each is safe by its own members (docs/failover.md).
constexpr size_t kManyGroups = 3;
constexpr std::chrono::seconds kReachedFor{10}, kPause{1};

}  // namespace

void Fleet::look(const std::string& key, ha::Snapshot& s) {
  const ha::Failure failure = ha::failure(s);
  const bool failed = static_cast<bool>(failure);
  const Steady now = clock_.steady();
  // Of a failure that another leader has seen, the status tells since when.
  const auto age = std::max(s.now - failure.since, Time::duration::zero());
  const size_t total = groups_();
  Keys free;
  {
    MutexLock l(mutex_);
    if (failed && !s.members.empty())  // a group that was scaled to nothing is not struck by anything
      storm_.failed(key, now - age);
    else
      storm_.well(key);
    const bool turned = storm_.look(total, now);
    if (turned && storm_.raging()) log::warn("failovers are held: a storm", {{"detail", storm_.detail()}});
    if (ha::failingOver(s))
      underWay_.insert(key);
    else if (underWay_.erase(key) > 0 || turned)
      free = take();
    if (storm_.raging() || isolated_) planLook();
    s.fleet = stateOf(key);
    if (failed && (s.fleet.storm || s.fleet.isolated || s.fleet.full)) kept_.insert(key);
  }
  std::erase(free, key);
  tell(free);
}

ha::Fleet Fleet::stateOf(const std::string& key) const {
  ha::Fleet f;
  f.storm = storm_.raging();
  f.isolated = isolated_;
  f.full = rules_.mostFailovers > 0 && underWay_.size() >= rules_.mostFailovers && !underWay_.contains(key);
  if (isolated_)
    f.detail = "no member of " + std::to_string(blindCount_) + " of " + std::to_string(blind_.size()) +
               " groups answers Baton's calls: the fault is taken to be its own";
  else if (f.storm)
    f.detail = storm_.detail();
  else if (f.full)
    f.detail = std::to_string(underWay_.size()) + " failovers are under way (max-concurrent-failovers)";
  return f;
}

bool Fleet::reserve(const std::string& key) {
  MutexLock l(mutex_);
  if (underWay_.contains(key)) return true;
  if (rules_.mostFailovers > 0 && underWay_.size() >= rules_.mostFailovers) {
    kept_.insert(key);
    return false;
  }
  underWay_.insert(key);
  return true;
}

bool Fleet::isolated() const {
  // Hysteresis: more than half of them to begin, no more than a quarter to end.
  if (blindCount_ < (isolated_ ? 1 : kManyGroups)) return false;
  return isolated_ ? blindCount_ * 4 > blind_.size() : blindCount_ * 2 > blind_.size();
}

void Fleet::reach(const std::string& key, std::optional<bool> blind) {
  MutexLock l(mutex_);
  const auto found = blind_.find(key);
  if (found != blind_.end() && found->second) --blindCount_;
  if (!blind) {
    if (found != blind_.end()) blind_.erase(found);
  } else {
    blind_[key] = *blind;
    if (*blind) ++blindCount_;
  }
  const bool now = isolated();
  if (now) reachedSince_ = std::nullopt;
  if (!isolated_ && now) {
    isolated_ = true;
    log::warn("failovers are held: most groups can't be reached",
              {{"groups", static_cast<int64_t>(blindCount_)}, {"of", static_cast<int64_t>(blind_.size())}});
    planLook();
  }
}

void Fleet::forget(const std::string& key) {
  reach(key, std::nullopt);
  Keys free;
  {
    MutexLock l(mutex_);
    storm_.forget(key);
    kept_.erase(key);
    if (underWay_.erase(key) > 0) free = take();
  }
  tell(free);
}

void Fleet::reset() {
  MutexLock l(mutex_);
  storm_ = ha::Storm(rules_.storm);
  blind_.clear();
  blindCount_ = 0;
  isolated_ = false;
  reachedSince_ = std::nullopt;
  underWay_.clear();
  kept_.clear();
}

Fleet::Keys Fleet::take() {
  Keys keys(kept_.begin(), kept_.end());
  kept_.clear();
  return keys;
}

void Fleet::tell(const Keys& keys) const {
  for (const auto& key : keys) again_(key);
}

void Fleet::planLook() {
  if (planned_) return;
  planned_ = true;
  timers_.after(kPause, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->lookAgain();
  });
}

/// While anything is held: time alone may end it.
void Fleet::lookAgain() {
  const size_t total = groups_();
  const Steady now = clock_.steady();
  Keys free;
  {
    MutexLock l(mutex_);
    planned_ = false;
    bool ended = storm_.look(total, now) && !storm_.raging();
    if (ended) log::info("failovers are not held any more: the storm is over");
    if (isolated_ && !isolated()) {
      if (!reachedSince_) reachedSince_ = now;
      if (now - *reachedSince_ >= kReachedFor) {
        isolated_ = false;
        ended = true;
        log::info("failovers are not held any more: most groups were reached");
      }
    }
    if (ended) free = take();
    if (storm_.raging() || isolated_) planLook();
  }
  tell(free);
}

}  // namespace baton::reconcile
