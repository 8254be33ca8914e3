#include "reconcile/world.h"

#include <algorithm>
#include <charconv>

namespace baton::reconcile {
namespace {

std::string groupKey(const api::SwitchoverRequest& r) { return r.meta.ns + "/" + r.spec.group; }

template <class T>
const T& either(const kube::Change<T>& c) {
  return c.after ? *c.after : *c.before;
}

int64_t epochOf(const std::string& annotation) {
  int64_t n = -1;
  const char* end = annotation.data() + annotation.size();
  const auto [p, ec] = std::from_chars(annotation.data(), end, n);
  return ec == std::errc() && p == end && n >= 0 ? n : -1;
}

ha::Label labelOf(const api::HaGroupSpec& spec, const api::Pod& pod) {
  const std::string* value = pod.label(spec.roleKey);
  if (!value) return ha::Label::None;
  if (*value == spec.primaryValue) return ha::Label::Primary;
  return *value == spec.standbyValue ? ha::Label::Standby : ha::Label::Other;
}

bool older(const api::HaGroup& a, const api::HaGroup& b) {
  return a.meta.created != b.meta.created ? a.meta.created < b.meta.created : a.meta.name < b.meta.name;
}

/// Longer than any pause between two requests that Baton makes for the same reason.
constexpr std::chrono::minutes kRemembered{25};

bool ownTrigger(const std::string& trigger) {
  return trigger == api::kFailoverTrigger || trigger == api::kDrainTrigger || trigger == api::kFailbackTrigger;
}

bool sameSpec(const api::SwitchoverRequest& a, const api::SwitchoverRequest& b) {
  return a.meta.uid == b.meta.uid && a.meta.generation == b.meta.generation && a.meta.deleted == b.meta.deleted;
}

}  // namespace

std::shared_ptr<const api::Pod> View::pod(const std::string& name) const {
  for (const auto& p : pods)
    if (p->meta.name == name) return p;
  return outside && outside->meta.name == name ? outside : nullptr;
}

template <class T>
kube::Sink<T> World::sink(kube::Store<T> World::*store, void (World::*on)(const kube::Change<T>&, Keys&)) {
  kube::Sink<T> s;
  s.replace = [this, store, on](std::vector<kube::Object<T>> items, uint64_t version) {
    Keys dirty;
    News news;
    {
      MutexLock l(mutex_);
      for (const auto& c : (this->*store).replace(std::move(items), version)) (this->*on)(c, dirty);
      news.swap(news_);
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
      news.swap(news_);
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
    news.swap(news_);
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
  for (const auto& [request, gone] : news) seenRequest_(request, gone);
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
  if (seenRequest_) news_.emplace_back(c.after ? c.after : c.before, !c.after);
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

bool World::ownedByOlder(const api::HaGroup& group, const api::Pod& pod) const {
  for (const auto& g : membership_.groupsOf(pod))
    if (g->meta.name != group.meta.name && older(*g, group)) return true;
  return false;
}

ha::Member World::member(const api::HaGroupSpec& spec, const api::Pod& pod) const {
  ha::Member m;
  m.name = pod.meta.name;
  m.uid = pod.meta.uid;
  m.label = labelOf(spec, pod);
  m.labelEpoch = epochOf(pod.epochAnnotation);
  m.terminating = pod.meta.deleted.has_value();
  m.finished = pod.finished;
  m.ready = pod.ready && !m.terminating && !m.finished;
  m.serving = pod.ready && !m.finished;
  m.readySince = pod.readySince;
  m.nodeGone = lostNodes_.contains(pod.node.get());
  m.created = pod.meta.created;
  if (const std::string* priority = pod.label(spec.candidatePolicy.priorityLabel)) m.priorityLabel = *priority;
  if (const auto node = nodes_.get("", pod.node.get())) {
    m.zone = node->zone;
    m.cordoned = node->cordoned;
    m.nodeGone = node->outOfService;
  }
  return m;
}

void World::addMembers(View& v) const {
  const auto& g = *v.group;
  std::vector<kube::Object<api::Pod>> pods;
  for (const auto& name : membership_.podsOf(g.meta.key()))
    if (auto p = pods_.get(g.meta.ns, name)) pods.push_back(std::move(p));
  std::sort(pods.begin(), pods.end(), [](const auto& a, const auto& b) { return a->meta.name < b->meta.name; });
  for (auto& p : pods) {
    if (ownedByOlder(g, *p)) {
      v.snapshot.contested.push_back(p->meta.name);
      continue;
    }
    v.snapshot.members.push_back(member(*g.spec, *p));
    v.pods.push_back(std::move(p));
  }
}

/// Who had the role last, when the selector does not match it any more. A pod that is another group's is left alone.
void World::addOutside(View& v) const {
  const auto& st = v.group->status;
  const std::string& name = st.primary.empty() ? st.formerPrimary : st.primary;
  const std::string& uid = st.primary.empty() ? st.formerPrimaryUid : st.primaryUid;
  if (name.empty() || uid.empty() || v.snapshot.member(name)) return;
  const auto pod = pods_.get(v.group->meta.ns, name);
  if (!pod || pod->meta.uid != uid || !membership_.groupsOf(*pod).empty()) return;
  v.snapshot.outside = member(*v.group->spec, *pod);
  v.outside = pod;
}

void World::addRequests(View& v) const {
  const auto found = requestsOf_.find(v.group->meta.key());
  if (found == requestsOf_.end()) return;
  for (const auto& name : found->second) {
    const auto r = requests_.get(v.group->meta.ns, name);
    if (!r) continue;
    const bool finished = api::finished(r->status.phase) && r->status.completion;
    const Time removal =
        finished ? *r->status.completion + std::chrono::seconds(r->spec.ttlSecondsAfterFinished) : Time{};
    // Finished ones may be many; a decision needs only the few that still mean something.
    const bool held = finished && r->status.phase == api::Phase::Failed && r->spec.onFailure == api::OnFailure::Hold &&
                      r->status.epoch == v.group->status.epoch;
    // Baton's own that did not succeed: so soon it does not try again.
    const bool tried = finished && r->status.phase != api::Phase::Succeeded && ownTrigger(r->trigger) &&
                       *r->status.completion + kRemembered > v.snapshot.now;
    if (finished && !held && !tried && removal > v.snapshot.now && name != v.group->status.activeRequest) {
      if (!v.nextRemoval || removal < *v.nextRemoval) v.nextRemoval = removal;
      continue;
    }
    v.snapshot.requests.push_back(*r);
  }
}

void World::addServices(View& v) const {
  const auto found = servicesIn_.find(v.group->meta.ns);
  if (found == servicesIn_.end()) return;
  const auto& spec = *v.group->spec;
  for (const auto& s : found->second) {
    bool role = false, others = true;
    for (const auto& [key, value] : s->selector) {
      if (key == spec.roleKey) {
        role = value == spec.primaryValue;
        continue;
      }
      others = others && std::any_of(v.pods.begin(), v.pods.end(), [&, k = key, want = value](const auto& p) {
                 const std::string* have = p->label(k);
                 return have && *have == want;
               });
    }
    if (role && others) v.services.push_back(s);
  }
  v.snapshot.routed = !v.services.empty();
}

std::optional<View> World::view(const std::string& ns, const std::string& name, Time now) const {
  MutexLock l(mutex_);
  View v;
  v.group = groups_.get(ns, name);
  if (!v.group) return std::nullopt;
  v.snapshot.now = now;
  v.snapshot.group = *v.group;
  addMembers(v);
  addOutside(v);
  addRequests(v);
  addServices(v);
  v.snapshot.contestedNames = apiIndex_->contested(*v.group);
  return v;
}

bool World::has(const std::string& ns, const std::string& name) const {
  MutexLock l(mutex_);
  return groups_.get(ns, name) != nullptr;
}

bool World::knows(const api::Pod& pod) const {
  MutexLock l(mutex_);
  const auto known = pods_.get(pod.meta.ns, pod.meta.name);
  return known && known->meta.uid == pod.meta.uid && known->meta.resourceVersion >= pod.meta.resourceVersion;
}

std::vector<api::SwitchoverRequest> World::orphans(const std::string& ns, const std::string& name) const {
  MutexLock l(mutex_);
  std::vector<api::SwitchoverRequest> all;
  const auto found = requestsOf_.find(ns + "/" + name);
  if (found == requestsOf_.end() || groups_.get(ns, name)) return all;
  for (const auto& r : found->second)
    if (const auto request = requests_.get(ns, r)) all.push_back(*request);
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
