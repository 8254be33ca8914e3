// What holds for all groups at once: the storm brake, how many failovers are under way, and whether Baton itself is cut
// off from the pods. Groups that it keeps from failing over get another turn when that ends.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/mutex.h"
#include "base/time.h"
#include "base/timers.h"
#include "ha/snapshot.h"
#include "ha/storm.h"

namespace baton::reconcile {

struct FleetRules {
  ha::StormRules storm;
  size_t mostFailovers = 16;  // at the same time; 0: any number
};

/// Safe from every thread. `again` is called with the key of each group that may go on; both it and timers must outlive
/// this object.
class Fleet : public std::enable_shared_from_this<Fleet> {
 public:
  Fleet(FleetRules rules, Timers& timers, const Clock& clock, std::function<size_t()> groups,
        std::function<void(const std::string&)> again)
      : rules_(rules),
        timers_(timers),
        clock_(clock),
        groups_(std::move(groups)),
        again_(std::move(again)),
        storm_(rules.storm) {}

  /// Takes note of the group as the snapshot shows it, and fills in snapshot.fleet.
  void look(const std::string& key, ha::Snapshot& s);
  /// One more failover is about to be asked for; false: as many as allowed are under way.
  bool reserve(const std::string& key);
  /// The detector's word on that group: it reaches no member, or does; nothing when it does not call it.
  void reach(const std::string& key, std::optional<bool> blind);
  void forget(const std::string& key);
  /// Another term of leading: nothing is known.
  void reset();

 private:
  using Keys = std::vector<std::string>;
  bool isolated() const REQUIRES(mutex_);
  ha::Fleet stateOf(const std::string& key) const REQUIRES(mutex_);
  Keys take() REQUIRES(mutex_);
  void tell(const Keys& keys) const;
  void planLook() REQUIRES(mutex_);
  void lookAgain();

  const FleetRules rules_;
  Timers& timers_;
  const Clock& clock_;
  const std::function<size_t()> groups_;
  const std::function<void(const std::string&)> again_;
  Mutex mutex_;
  ha::Storm storm_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, bool> blind_ GUARDED_BY(mutex_);  // of groups that the detector calls
  size_t blindCount_ GUARDED_BY(mutex_) = 0;
  bool isolated_ GUARDED_BY(mutex_) = false;
  std::optional<Steady> reachedSince_ GUARDED_BY(mutex_);
  std::unordered_set<std::string> underWay_ GUARDED_BY(mutex_);  // failovers
  std::unordered_set<std::string> kept_ GUARDED_BY(mutex_);      // groups that wait for this object's word
  bool planned_ GUARDED_BY(mutex_) = false;
};

}  // namespace baton::reconcile
