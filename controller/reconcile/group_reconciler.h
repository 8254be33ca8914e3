// One group's turn: snapshot → decide → store, or start effects. Never blocks: what was sent or started adds the
// group's key again when it has ended.
//
// Who owns what: the work queue sees to it that a key is reconciled by one thread at a time; the Run of a key holds
// what is under way for it and is guarded by this object's lock, as effects end on other threads.
// What fails: a write that finds a newer version is decided again at once; any other failed write after a pause that
// grows. A process that ends loses the Runs; the next leader begins each stored phase again.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "api/hagroup.h"
#include "base/mutex.h"
#include "base/time.h"
#include "ha/decision.h"
#include "ha/orphan.h"
#include "ha/snapshot.h"
#include "http/transport.h"
#include "kube/leader_elector.h"
#include "kube/work_queue.h"
#include "mechanisms/mechanisms.h"
#include "reconcile/announcer.h"
#include "reconcile/metrics.h"
#include "reconcile/world.h"
#include "reconcile/writer.h"

namespace baton::reconcile {

class Detector;
class Fleet;

class GroupReconciler : public std::enable_shared_from_this<GroupReconciler> {
 public:
  /// All must outlive stop() and the transports' last callback.
  struct Parts {
    World& world;
    StatusWriter& writer;
    mechanisms::Mechanisms& mechanisms;
    kube::WorkQueue& queue;
    kube::Leadership& leadership;
    Announcer& announcer;
    Metrics& metrics;
    const Clock& clock;
    /// Others may have led before. Then the first write and the first effect of a term wait until the API server has
    /// confirmed what they are decided from: a cache that is late would have them do what is over.
    bool confirmFirst = false;
    Detector* detector = nullptr;  // null: no member is called but for requests
    Fleet* fleet = nullptr;        // null: each group is alone
  };
  explicit GroupReconciler(Parts parts) : p_(parts) {}

  /// Works on "namespace/name" of a group; returns soon.
  void reconcile(const std::string& key);
  /// No effect and no write is begun any more; those under way are aborted, and their results dropped.
  void stop();
  /// Another leads, or this process does from now on: effects under way are aborted and forgotten; the next reconcile
  /// begins from what is stored, and asks the API server anew.
  void abandon();
  /// Effects and writes that have not ended.
  size_t underWay() const;

 private:
  /// When too little is left of the lease: renewed by then, or lost.
  static constexpr std::chrono::milliseconds kLeaseSoonRenewed{200};

  struct Run {
    ha::Progress progress;
    std::map<ha::EffectId, http::CallHandle> effects;
    uint64_t generation = 0;  // of the progress, never used twice; a result of another one is dropped
    int writes = 0;           // not yet answered
    bool failed = false;      // one of them, not by a conflict
    std::string confirmed;    // uid of the request that is known to be as the API server has it
    std::string gone;         // of an active request: the API server has it no more
    std::string podsRead;     // the versions of the pods that the API server has confirmed last
    bool writing() const { return writes > 0; }
  };

  using Calls = std::vector<http::CallHandle>;
  void wakeAt(const std::string& key, Time then, Time now);
  static void cancelAll(const Calls& calls);
  /// The run of that key, made when there is none.
  Run& runOf(const std::string& key) REQUIRES(mutex_);
  /// Begins another progress; what was under way for the one before is to be cancelled, without the lock.
  Calls renew(Run& run, ha::Progress progress) REQUIRES(mutex_);
  void abortAll(bool forGood);
  bool stopped() const EXCLUDES(mutex_);
  /// So many requests about this key are about to be sent, and wrote() will be told of each; false when stopped.
  bool awaitAnswers(const std::string& key, int count) EXCLUDES(mutex_);
  uint64_t term() const EXCLUDES(mutex_);
  std::string turn(const std::string& key);
  std::string store(const std::string& key, const View& v, const ha::Decision& d);
  /// Asks for it; wrote() follows.
  void make(const std::string& key, const View& v, const ha::NewRequest& n);
  bool stillFailed(const std::string& key, const View& v) const;
  void create(const std::string& key, const View& v, const ha::NewRequest& n);
  void wrote(const std::string& key, const std::string& what, const Status& how);
  /// What of the group, its pods and its active request is not known, in this term, to be what the API server has.
  struct Unconfirmed {
    bool group = false, pods = false;
    bool requests = false;  // whether there are others than those that are known
    const api::SwitchoverRequest* request = nullptr;
    int count() const { return int{group} + int{pods} + int{requests} + int{request != nullptr}; }
  };
  Unconfirmed unconfirmed(const std::string& key, const View& v, const ha::Decision& d) const;
  std::string confirm(const std::string& key, const View& v, const Unconfirmed& what);
  void podsConfirmed(const std::string& key, uint64_t term, const std::string& group, const std::string& versions);
  void requestsConfirmed(uint64_t term, const std::string& group);
  /// By uid, either may be empty; of no interest when the term is over.
  void nowConfirmed(const std::string& key, uint64_t term, const std::string& group, const std::string& request);
  void start(const std::string& key, const View& v, const ha::Decision& d);
  void startOne(const std::string& key, const View& v, const ha::Effect& e, uint64_t generation);
  /// An effect under way is over, with a result or to be begun anew; false when it is of no interest any more.
  bool conclude(const std::string& key, uint64_t generation, const ha::EffectId& id,
                std::optional<ha::EffectResult> result);
  void ended(const std::string& key, uint64_t generation, const ha::EffectId& id, ha::EffectResult result);
  /// It may not begin now, which says nothing about its pod: decided on anew when the lease is renewed, or by the next
  /// leader.
  void putOff(const std::string& key, uint64_t generation, const ha::EffectId& id);
  void remove(const std::string& key, const View& v, const ha::Decision& d);
  void removeOne(const std::string& key, const api::SwitchoverRequest& r);
  std::string rejectOrphans(const std::string& key, const std::string& ns, const std::string& name);
  using Rejections = std::vector<std::pair<api::SwitchoverRequest, api::SwitchoverStatus>>;
  std::string reject(const std::string& key, const std::string& ns, const std::string& name, Rejections all);
  void writeRequest(const std::string& key, const api::SwitchoverRequest& before, const api::SwitchoverStatus& status,
                    std::shared_ptr<const View> v);
  /// The progress of what is active now; what was under way for anything else is aborted.
  ha::Progress progressFor(const std::string& key, const ha::Snapshot& s);
  void forgetSettled(const std::string& key);
  /// Is something that sets a role still under way for a request that was deleted? What follows must not meet it.
  bool awaitsDeleted(const std::string& key, const ha::Snapshot& s) const;
  /// Is the request missing that the group shows as active? Then the API server is asked, as a cache may be late.
  bool missesActive(const std::string& key, const View& v) const;
  std::string confirmGone(const std::string& key, const View& v);
  /// `held` becomes true when the lease does not allow the effect, or its next try, to begin.
  mechanisms::Target target(const View& v, const ha::Effect& e, const std::shared_ptr<std::atomic<bool>>& held);

  const Parts p_;
  mutable Mutex mutex_;
  std::unordered_map<std::string, Run> runs_ GUARDED_BY(mutex_);
  uint64_t generations_ GUARDED_BY(mutex_) = 0;
  uint64_t term_ GUARDED_BY(mutex_) = 0;                                // of leading; counts up when it begins and ends
  std::unordered_set<std::string> confirmedGroups_ GUARDED_BY(mutex_);  // uids, in this term
  std::unordered_set<std::string> confirmedPods_ GUARDED_BY(mutex_);    // the same; uids of the groups
  std::unordered_set<std::string> confirmedRequests_ GUARDED_BY(mutex_);  // the same
  bool stopped_ GUARDED_BY(mutex_) = false;
};

}  // namespace baton::reconcile
