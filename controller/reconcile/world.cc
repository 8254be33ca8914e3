#include "reconcile/world.h"

#include <algorithm>

namespace baton::reconcile {
namespace {

std::string groupKey(const api::SwitchoverRequest& r) { return r.meta.ns + "/" + r.spec.group; }

template <class T>
const T& either(const kube::Change<T>& c) {
  return c.after ? *c.after : *c.before;
}

bool sameSpec(const api::SwitchoverRequest& a, const api::SwitchoverRequest& b) {
  return a.meta.uid == b.meta.uid && a.meta.generation == b.meta.generation && a.meta.deleted == b.meta.deleted;
}

}  // namespace

template <class T>
kube::Sink<T> World::sink(kube::Store<T> World::*store, void (World::*on)(const kube::Change<T>&, Keys&)) {
  kube::Sink<T> s;
  s.replace = [this, store, on](std::vector<kube::Object<T>> items, uint64_t version) {
    Keys dirty;
    News news;
    {
      MutexLock l(mutex_);
      for (const auto& c : (this->*store).replace(std::move(items), version)) (this->*on)(c, dirty);
      std::swap(news, news_);
    }
    tell(dirty);
    tellNews(news);
  };
  s.apply = [this, store, on](kube::EventType type, kube::Object<T> object) {
    Keys dirty;
    News news;
    {
      MutexLock l(mutex_);
      if (const auto c = (this->*store).apply(type, std::move(object))) (this->*on)(*c, dirty);
      std::swap(news, news_);
    }
    tell(dirty);
    tellNews(news);
  };
  s.isOwnWrite = [this, store](const kube::EventKey& key) {
    MutexLock l(mutex_);
    return (this->*store).confirm(key);
  };
  s.awaitsOwnWrite = [this, store] {
    MutexLock l(mutex_);
    return (this->*store).awaitsOwn();
  };
  return s;
}

kube::Sink<api::HaGroup> World::groups() { return sink(&World::groups_, &World::onGroup); }
kube::Sink<api::SwitchoverRequest> World::requests() { return sink(&World::requests_, &World::onRequest); }
kube::Sink<api::Pod> World::pods() { return sink(&World::pods_, &World::onPod); }
kube::Sink<api::Node> World::nodes() { return sink(&World::nodes_, &World::onNode); }
kube::Sink<api::Service> World::services() { return sink(&World::services_, &World::onService); }

template <class T>
World::Keys World::putOwnWrite(kube::Store<T> World::*store, void (World::*on)(const kube::Change<T>&, Keys&),
                               kube::Object<T> o) {
  Keys dirty;
  News news;
  {
    MutexLock l(mutex_);
    if (const auto c = (this->*store).putOwnWrite(std::move(o))) (this->*on)(*c, dirty);
    std::swap(news, news_);
  }
  tellNews(news);
  return dirty;
}

void World::learned(std::shared_ptr<const api::HaGroup> group) {
  putOwnWrite(&World::groups_, &World::onGroup, std::move(group));
}
void World::learned(std::shared_ptr<const api::SwitchoverRequest> request) {
  putOwnWrite(&World::requests_, &World::onRequest, std::move(request));
}
void World::seen(std::shared_ptr<const api::HaGroup> group) {
  tell(putOwnWrite(&World::groups_, &World::onGroup, std::move(group)));
}
void World::seen(std::shared_ptr<const api::SwitchoverRequest> request) {
  tell(putOwnWrite(&World::requests_, &World::onRequest, std::move(request)));
}
void World::seen(std::shared_ptr<const api::Pod> pod) {
  tell(putOwnWrite(&World::pods_, &World::onPod, std::move(pod)));
}

void World::tell(const Keys& dirty) const {
  for (const auto& k : dirty) dirty_(k);
}

void World::tellNews(const News& news) const {
  for (const auto& [request, gone] : news.requests) seenRequest_(request, gone);
  for (const auto& key : news.groups) seenGroup_(key);
}

/// Who has a contested name of spec.apis depends on the groups that there are.
void World::onNames(const kube::Change<api::HaGroup>& c, Keys& dirty) {
  const auto note = [&](const api::HaGroup& g) REQUIRES(mutex_) {
    for (const auto& key : apiIndex_->rivals(g)) dirty.insert(key);
  };
  const bool same = c.before && c.after && c.before->meta.uid == c.after->meta.uid &&
                    c.before->meta.generation == c.after->meta.generation;
  if (c.before) apiIndex_->remove(*c.before);
  if (c.before && !same) note(*c.before);
  if (c.after) apiIndex_->add(c.after);
  if (c.after && !same) note(*c.after);
}

void World::onGroup(const kube::Change<api::HaGroup>& c, Keys& dirty) {
  onNames(c, dirty);
  dirty.insert(either(c).meta.key());
  if (seenGroup_) news_.groups.push_back(either(c).meta.key());
  const bool same = c.before && c.after && c.before->meta.uid == c.after->meta.uid;
  if (same) return membership_.replaceGroup(*c.before, c.after);
  // Who has a contested pod depends on the groups that there are.
  const auto neighbours = [&](const api::HaGroup& g) REQUIRES(mutex_) {
    for (const auto& name : membership_.podsOf(g.meta.key()))
      if (const auto pod = pods_.get(g.meta.ns, name))
        for (const auto& other : membership_.groupsOf(*pod)) dirty.insert(other->meta.key());
  };
  if (c.before) {
    neighbours(*c.before);
    membership_.removeGroup(*c.before);
  }
  if (!c.after) return;
  membership_.addGroup(c.after);
  std::vector<kube::Object<api::Pod>> theirs;
  pods_.forEach([&](const kube::Object<api::Pod>& p) {
    if (Membership::matches(*c.after, *p)) theirs.push_back(p);
  });
  for (const auto& p : theirs) membership_.addPodTo(*c.after, *p);
  neighbours(*c.after);
}

void World::onRequest(const kube::Change<api::SwitchoverRequest>& c, Keys& dirty) {
  const auto& r = either(c);
  if (seenRequest_) news_.requests.emplace_back(c.after ? c.after : c.before, !c.after);
  if (c.before) byUid_.erase(c.before->meta.uid);
  if (c.after) byUid_[c.after->meta.uid] = c.after;
  if (!c.before) requestsOf_[groupKey(r)].push_back(r.meta.name);
  if (!c.after) {
    const auto found = requestsOf_.find(groupKey(r));
    if (found != requestsOf_.end()) {
      std::erase(found->second, r.meta.name);
      if (found->second.empty()) requestsOf_.erase(found);
    }
  }
  if (c.before && c.after && c.before->spec.group != c.after->spec.group) {  // recreated for another group
    std::erase(requestsOf_[groupKey(*c.before)], r.meta.name);
    requestsOf_[groupKey(*c.after)].push_back(r.meta.name);
    dirty.insert(groupKey(*c.before));
  }
  // A status that we wrote ourselves, told by another way, is no news; whoever else may write one is.
  if (c.before && c.after && sameSpec(*c.before, *c.after) && c.before->status == c.after->status) return;
  dirty.insert(groupKey(r));
}

void World::onPod(const kube::Change<api::Pod>& c, Keys& dirty) {
  if (c.before && c.after && api::sameToUs(*c.before, *c.after)) return;
  const auto note = [&](const api::Pod& p) REQUIRES(mutex_) {
    for (const auto& g : membership_.groupsOf(p)) dirty.insert(g->meta.key());
  };
  if (c.before) {
    note(*c.before);
    membership_.removePod(*c.before);
  }
  if (c.after) {
    membership_.addPod(*c.after);
    note(*c.after);
  }
}

void World::onNode(const kube::Change<api::Node>& c, Keys& dirty) {
  if (c.before && c.after && api::sameToUs(*c.before, *c.after)) return;
  const std::string& name = either(c).meta.name;
  // Never seen is not gone: nodes may be told later than pods, or not at all.
  if (c.after)
    lostNodes_.erase(name);
  else
    lostNodes_.insert(name);
  std::vector<kube::Object<api::Pod>> there;
  pods_.forEach([&](const kube::Object<api::Pod>& p) {
    if (p->node.get() == name) there.push_back(p);
  });
  for (const auto& p : there)
    for (const auto& g : membership_.groupsOf(*p)) dirty.insert(g->meta.key());
}

void World::onService(const kube::Change<api::Service>& c, Keys&) {
  const auto& s = either(c);
  auto& all = servicesIn_[s.meta.ns];
  std::erase_if(all, [&](const auto& x) { return x->meta.name == s.meta.name; });
  if (c.after && !c.after->selector.empty()) all.push_back(c.after);
  if (all.empty()) servicesIn_.erase(s.meta.ns);
}

bool World::has(const std::string& ns, const std::string& name) const {
  MutexLock l(mutex_);
  return groups_.get(ns, name) != nullptr;
}

kube::Object<api::HaGroup> World::group(const std::string& ns, const std::string& name) const {
  MutexLock l(mutex_);
  return groups_.get(ns, name);
}

std::vector<kube::Object<api::HaGroup>> World::groupList() const {
  MutexLock l(mutex_);
  std::vector<kube::Object<api::HaGroup>> all;
  all.reserve(groups_.size());
  groups_.forEach([&](const auto& g) { all.push_back(g); });
  return all;
}

std::vector<kube::Object<api::SwitchoverRequest>> World::requestsOf(const std::string& ns,
                                                                    const std::string& group) const {
  MutexLock l(mutex_);
  std::vector<kube::Object<api::SwitchoverRequest>> all;
  const auto found = requestsOf_.find(ns + "/" + group);
  if (found == requestsOf_.end()) return all;
  for (const auto& name : found->second)
    if (auto request = requests_.get(ns, name)) all.push_back(std::move(request));
  return all;
}

namespace {

template <class T>
bool sameOrNewer(const kube::Object<T>& known, const T& than) {
  return known && known->meta.uid == than.meta.uid && known->meta.resourceVersion >= than.meta.resourceVersion;
}

}  // namespace

bool World::knows(const api::Pod& pod) const {
  MutexLock l(mutex_);
  return sameOrNewer(pods_.get(pod.meta.ns, pod.meta.name), pod);
}

bool World::knows(const api::SwitchoverRequest& request) const {
  MutexLock l(mutex_);
  return sameOrNewer(requests_.get(request.meta.ns, request.meta.name), request);
}

std::vector<api::SwitchoverRequest> World::orphans(const std::string& ns, const std::string& name) const {
  std::vector<api::SwitchoverRequest> all;
  if (!has(ns, name))
    for (const auto& request : requestsOf(ns, name)) all.push_back(*request);
  return all;
}

std::shared_ptr<const api::SwitchoverRequest> World::request(const std::string& ns, const std::string& name) const {
  MutexLock l(mutex_);
  return requests_.get(ns, name);
}

std::optional<ApiIndex::Named> World::named(const api::ApiIdentity& identity) const {
  MutexLock l(mutex_);
  return apiIndex_->find(identity);
}

std::shared_ptr<const api::SwitchoverRequest> World::requestByUid(const std::string& uid) const {
  MutexLock l(mutex_);
  const auto found = byUid_.find(uid);
  return found == byUid_.end() ? nullptr : found->second;
}

bool World::hasApiId(const std::string& id) const {
  MutexLock l(mutex_);
  return apiIndex_->has(id);
}

std::vector<std::string> World::groupKeys() const {
  MutexLock l(mutex_);
  std::vector<std::string> keys;
  keys.reserve(groups_.size());
  groups_.forEach([&](const auto& g) { keys.push_back(g->meta.key()); });
  return keys;
}

size_t World::groupCount() const {
  MutexLock l(mutex_);
  return groups_.size();
}

void World::forEachGroup(const std::function<void(const api::HaGroup&)>& f) const {
  MutexLock l(mutex_);
  groups_.forEach([&](const auto& g) { f(*g); });
}

void World::forEachRequest(const std::function<void(const api::SwitchoverRequest&)>& f) const {
  MutexLock l(mutex_);
  requests_.forEach([&](const auto& r) { f(*r); });
}

}  // namespace baton::reconcile
