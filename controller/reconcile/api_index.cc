#include "reconcile/api_index.h"

#include <algorithm>
#include <tuple>

namespace baton::reconcile {
namespace {

/// Every name of the group, and the pod that it means.
std::vector<std::pair<api::ApiIdentity, std::string>> namesOf(const api::HaGroup& group) {
  std::vector<std::pair<api::ApiIdentity, std::string>> all;
  const auto& apis = group.spec->apis;
  if (!apis) return all;
  for (const auto& identity : apis->group) all.emplace_back(identity, "");
  for (const auto& [pod, host] : apis->hostOf)
    all.emplace_back(api::ApiIdentity{api::ApiKind::Connector, host, ""}, pod);
  return all;
}

}  // namespace

bool ApiIndex::older(const Named& a, const Named& b) {
  const auto rank = [](const Named& n) { return std::make_tuple(n.group->meta.created, n.group->meta.key()); };
  return rank(a) < rank(b);
}

void ApiIndex::add(const std::shared_ptr<const api::HaGroup>& group) {
  MutexLock l(mutex_);
  for (const auto& [identity, pod] : namesOf(*group)) {
    auto& named = names_[identity];
    if (named.empty()) ++ids_[identity.id];
    named.push_back({group, pod});
  }
}

void ApiIndex::remove(const api::HaGroup& group) {
  MutexLock l(mutex_);
  for (const auto& [identity, pod] : namesOf(group)) {
    const auto found = names_.find(identity);
    if (found == names_.end()) continue;
    std::erase_if(found->second, [&](const Named& n) { return n.group->meta.key() == group.meta.key(); });
    if (!found->second.empty()) continue;
    names_.erase(found);
    const auto id = ids_.find(identity.id);
    if (id != ids_.end() && --id->second == 0) ids_.erase(id);
  }
}

std::optional<ApiIndex::Named> ApiIndex::find(const api::ApiIdentity& identity) const {
  MutexLock l(mutex_);
  return oldest(identity);
}

std::optional<ApiIndex::Named> ApiIndex::oldest(const api::ApiIdentity& identity) const {
  const auto found = names_.find(identity);
  if (found == names_.end()) return std::nullopt;
  return *std::min_element(found->second.begin(), found->second.end(), older);
}

std::vector<std::string> ApiIndex::contested(const api::HaGroup& group) const {
  std::vector<std::string> all;
  MutexLock l(mutex_);
  for (const auto& [identity, pod] : namesOf(group)) {
    const auto owner = oldest(identity);
    if (!owner || owner->group->meta.key() == group.meta.key()) continue;
    const bool here = owner->group->meta.ns == group.meta.ns;
    all.push_back(std::string(name(identity.kind)) + " " + identity.id + " (" +
                  (here ? "group " + owner->group->meta.name : std::string("a group of another namespace")) + ")");
  }
  return all;
}

std::vector<std::string> ApiIndex::rivals(const api::HaGroup& group) const {
  std::vector<std::string> all;
  MutexLock l(mutex_);
  for (const auto& [identity, pod] : namesOf(group)) {
    const auto found = names_.find(identity);
    if (found == names_.end()) continue;
    for (const Named& n : found->second)
      if (n.group->meta.key() != group.meta.key()) all.push_back(n.group->meta.key());
  }
  return all;
}

bool ApiIndex::has(const std::string& id) const {
  MutexLock l(mutex_);
  return ids_.count(id) > 0;
}

}  // namespace baton::reconcile
