// The View of a group: what a decision is made from, gathered from the stores.
#include <algorithm>
#include <charconv>

#include "reconcile/world.h"

namespace baton::reconcile {
namespace {

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

}  // namespace

std::shared_ptr<const api::Pod> View::pod(const std::string& name) const {
  for (const auto& p : pods)
    if (p->meta.name == name) return p;
  return outside && outside->meta.name == name ? outside : nullptr;
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
  m.ends = pod.containerEnds;
  m.endsWhenFollowed = pod.endsWhenFollowed;
  m.terminating = pod.meta.deleted.has_value();
  m.finished = pod.finished;
  m.ready = pod.ready && !m.terminating && !m.finished;
  m.serving = pod.ready && !pod.killed && !m.finished;
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

}  // namespace baton::reconcile
