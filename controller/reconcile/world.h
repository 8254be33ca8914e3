// Everything Baton has been told by its watches, under one lock: stores, who belongs to whom, and the snapshot that a
// decision is made from. Safe from every thread; nothing here blocks or calls the API server.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "api/core.h"
#include "api/hagroup.h"
#include "api/pod.h"
#include "api/switchover.h"
#include "base/mutex.h"
#include "ha/snapshot.h"
#include "kube/store.h"
#include "kube/watch_event.h"
#include "reconcile/api_index.h"
#include "reconcile/membership.h"

namespace baton::reconcile {

/// One group as its reconciler sees it.
struct View {
  ha::Snapshot snapshot;  // without progress
  std::shared_ptr<const api::HaGroup> group;
  std::vector<std::shared_ptr<const api::Pod>> pods;  // of the snapshot's members, in their order
  std::shared_ptr<const api::Pod> outside;            // of snapshot.outside
  std::vector<kube::Object<api::Service>> services;   // that select the group's primary label
  std::optional<Time> nextRemoval;                    // when the next finished request's ttl is over

  std::shared_ptr<const api::Pod> pod(const std::string& name) const;
};

class World {
 public:
  /// `dirty` is called, without the lock, with the key of each group that something changed for, also of another
  /// World with which it shares `names`.
  explicit World(std::function<void(const std::string& key)> dirty,
                 std::shared_ptr<ApiIndex> names = std::make_shared<ApiIndex>())
      : dirty_(std::move(dirty)), apiIndex_(std::move(names)) {}

  /// `seen` is called, without the lock, with each request that has changed, by whomever; gone: it was deleted. Set
  /// before the first sink is used.
  using SeenRequest = std::function<void(const std::shared_ptr<const api::SwitchoverRequest>&, bool gone)>;
  void tellRequests(SeenRequest seen) { seenRequest_ = std::move(seen); }
  /// The same with the key of each group that has changed, come or gone.
  void tellGroups(std::function<void(const std::string& key)> seen) { seenGroup_ = std::move(seen); }

  kube::Sink<api::HaGroup> groups();
  kube::Sink<api::SwitchoverRequest> requests();
  kube::Sink<api::Pod> pods();
  kube::Sink<api::Node> nodes();
  kube::Sink<api::Service> services();

  // What the API server answered to our own writes, before the watch tells. Who wrote decides again by itself.
  void learned(std::shared_ptr<const api::HaGroup> group);
  void learned(std::shared_ptr<const api::SwitchoverRequest> request);
  // The same for what may hold somebody else's changes: who is concerned is told.
  void seen(std::shared_ptr<const api::HaGroup> group);
  void seen(std::shared_ptr<const api::SwitchoverRequest> request);
  void seen(std::shared_ptr<const api::Pod> pod);

  /// Nothing: there is no such group.
  std::optional<View> view(const std::string& ns, const std::string& name, Time now) const;
  bool has(const std::string& ns, const std::string& name) const;
  kube::Object<api::HaGroup> group(const std::string& ns, const std::string& name) const;
  std::vector<kube::Object<api::HaGroup>> groupList() const;
  /// Requests for that group, in no order.
  std::vector<kube::Object<api::SwitchoverRequest>> requestsOf(const std::string& ns, const std::string& group) const;
  /// Is that very object known, in this version or a newer one?
  bool knows(const api::Pod& pod) const;
  bool knows(const api::SwitchoverRequest& request) const;
  /// Requests for a group that is not there, finished ones too.
  std::vector<api::SwitchoverRequest> orphans(const std::string& ns, const std::string& name) const;
  std::shared_ptr<const api::SwitchoverRequest> request(const std::string& ns, const std::string& name) const;
  std::shared_ptr<const api::SwitchoverRequest> requestByUid(const std::string& uid) const;

  /// Which group a REST call means.
  std::optional<ApiIndex::Named> named(const api::ApiIdentity& identity) const;
  bool hasApiId(const std::string& id) const;

  std::vector<std::string> groupKeys() const;
  size_t groupCount() const;
  void forEachGroup(const std::function<void(const api::HaGroup&)>& f) const;
  void forEachRequest(const std::function<void(const api::SwitchoverRequest&)>& f) const;

 private:
  using Keys = std::unordered_set<std::string>;
  void onGroup(const kube::Change<api::HaGroup>& c, Keys& dirty) REQUIRES(mutex_);
  void onNames(const kube::Change<api::HaGroup>& c, Keys& dirty) REQUIRES(mutex_);
  void onRequest(const kube::Change<api::SwitchoverRequest>& c, Keys& dirty) REQUIRES(mutex_);
  void onPod(const kube::Change<api::Pod>& c, Keys& dirty) REQUIRES(mutex_);
  void onNode(const kube::Change<api::Node>& c, Keys& dirty) REQUIRES(mutex_);
  void onService(const kube::Change<api::Service>& c, Keys& dirty) REQUIRES(mutex_);
  void tell(const Keys& dirty) const;
  struct News {
    std::vector<std::pair<std::shared_ptr<const api::SwitchoverRequest>, bool>> requests;  // gone?
    std::vector<std::string> groups;                                                       // keys
  };
  void tellNews(const News& news) const;
  template <class T>
  Keys putOwnWrite(kube::Store<T> World::*store, void (World::*on)(const kube::Change<T>&, Keys&), kube::Object<T> o)
      EXCLUDES(mutex_);

  template <class T>
  kube::Sink<T> sink(kube::Store<T> World::*store, void (World::*on)(const kube::Change<T>&, Keys&));

  void addMembers(View& v) const REQUIRES(mutex_);
  void addOutside(View& v) const REQUIRES(mutex_);
  void addRequests(View& v) const REQUIRES(mutex_);
  void addServices(View& v) const REQUIRES(mutex_);
  bool ownedByOlder(const api::HaGroup& group, const api::Pod& pod) const REQUIRES(mutex_);
  ha::Member member(const api::HaGroupSpec& spec, const api::Pod& pod) const REQUIRES(mutex_);

  const std::function<void(const std::string&)> dirty_;
  const std::shared_ptr<ApiIndex> apiIndex_;
  mutable Mutex mutex_;
  kube::Store<api::HaGroup> groups_ GUARDED_BY(mutex_);
  kube::Store<api::SwitchoverRequest> requests_ GUARDED_BY(mutex_);
  kube::Store<api::Pod> pods_ GUARDED_BY(mutex_);
  kube::Store<api::Node> nodes_ GUARDED_BY(mutex_);
  kube::Store<api::Service> services_ GUARDED_BY(mutex_);
  std::unordered_set<std::string> lostNodes_ GUARDED_BY(mutex_);  // that were there, and are not any more
  Membership membership_ GUARDED_BY(mutex_);
  News news_ GUARDED_BY(mutex_);  // not told yet
  SeenRequest seenRequest_;
  std::function<void(const std::string&)> seenGroup_;
  std::unordered_map<std::string, std::shared_ptr<const api::SwitchoverRequest>> byUid_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::vector<std::string>> requestsOf_ GUARDED_BY(mutex_);  // group key → names
  std::unordered_map<std::string, std::vector<kube::Object<api::Service>>> servicesIn_ GUARDED_BY(mutex_);  // namespace
};

}  // namespace baton::reconcile
