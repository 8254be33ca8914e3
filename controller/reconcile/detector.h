// Calls the probe hook of each member of the groups with detection.source Probe, again and again; ha/group_watch
// judges.
//
// Who owns what: an Entry belongs to one group and is guarded by this object's lock, under which nothing is called but
// the pure judge. What fails: a call that hangs ends by its time limit, and the next one of that pod waits for it; a
// call that ends when this process does not lead says nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "base/timers.h"
#include "ha/group_watch.h"
#include "kube/leader_elector.h"
#include "mechanisms/mechanisms.h"
#include "reconcile/fleet.h"
#include "reconcile/world.h"

namespace baton::reconcile {

class Detector : public std::enable_shared_from_this<Detector> {
 public:
  /// All must outlive stop() and the last callback of the mechanisms. `changed` is called with the key of a group whose
  /// verdict may have changed.
  struct Parts {
    mechanisms::Mechanisms& mechanisms;
    Timers& timers;
    const Clock& clock;
    kube::Leadership& leadership;
    Fleet& fleet;
    std::function<void(const std::string& key)> changed;
  };
  explicit Detector(Parts parts) : p_(std::move(parts)) {}

  /// The group as it is now, at each of its turns: begins, changes or ends the calls to its members.
  void track(const std::string& key, const View& v);
  void forget(const std::string& key);
  /// What was seen of the members.
  void fill(const std::string& key, ha::Snapshot& s) const;
  /// The group with positions and lags as its members have told them last; its status holds those of its last write.
  /// Nothing when they are not called.
  std::optional<api::HaGroup> upToDate(const api::HaGroup& g) const;
  /// From the first sign of that pod's failure until now; nothing when none was seen.
  std::optional<std::chrono::duration<double>> troubleFor(const std::string& key, const std::string& pod) const;
  /// Another term of leading, or the end: calls under way are aborted, and nothing is known.
  void reset();

 private:
  struct Member {
    std::shared_ptr<const api::Pod> pod;
    bool asked = false;       // a call is under way
    bool late = false;        // and another round began meanwhile: asked again as soon as it ends
    http::CallHandle call{};  // it; null while it begins
  };
  struct Entry {
    uint64_t generation = 0;  // never used twice; what belongs to another one is dropped
    std::shared_ptr<const api::HaGroup> group;
    ha::WatchRules rules;
    std::map<std::string, Member> members;
    ha::GroupWatch watch;
    bool changing = false;  // a request was active at the last turn
    Steady next{};          // when the next round is due
  };
  using Calls = std::vector<http::CallHandle>;
  struct Ask {
    std::shared_ptr<const api::HaGroup> group;
    std::shared_ptr<const api::Pod> pod, primary;
    std::vector<std::string> others;
    int seconds = 1;
  };

  /// No member answers, though the API server says that one is ready.
  static bool outOfReach(const Entry& e);
  static void follow(Entry& e, const View& v);
  Entry& entry(const std::string& key, const View& v) REQUIRES(mutex_);
  void plan(const std::string& key, const Entry& e) REQUIRES(mutex_);
  Ask askOf(Entry& e, Member& m) const REQUIRES(mutex_);
  std::vector<Ask> due(Entry& e) REQUIRES(mutex_);
  void round(const std::string& key, uint64_t generation);
  void askAll(const std::string& key, uint64_t generation);
  void ask(const std::string& key, uint64_t generation, const Ask& a);
  void ended(const std::string& key, uint64_t generation, const std::string& uid, ha::Call call);

  const Parts p_;
  mutable Mutex mutex_;
  std::unordered_map<std::string, Entry> entries_ GUARDED_BY(mutex_);
  uint64_t generations_ GUARDED_BY(mutex_) = 0;
};

}  // namespace baton::reconcile
