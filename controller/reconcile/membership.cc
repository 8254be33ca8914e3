#include "reconcile/membership.h"

#include <algorithm>

namespace baton::reconcile {
namespace {

const std::vector<std::string> kNone;

void forget(std::vector<std::string>& all, const std::string& name) {
  const auto it = std::find(all.begin(), all.end(), name);
  if (it == all.end()) return;
  *it = std::move(all.back());
  all.pop_back();
}

}  // namespace

bool Membership::matches(const api::HaGroup& g, const api::Pod& p) {
  return g.meta.ns == p.meta.ns &&
         g.spec->selector.matches([&](std::string_view key) -> const std::string* { return p.label(key); });
}

std::string Membership::bucket(const api::HaGroup& g) const {
  const auto [key, value] = g.spec->selector.indexPair();
  return g.meta.ns + "\n" + (key.empty() ? "*" : key + "=" + value);
}

void Membership::addGroup(const Group& g) {
  byLabel_[bucket(*g)].push_back(g);
  pods_.try_emplace(g->meta.key());
}

void Membership::removeGroup(const api::HaGroup& g) {
  const auto found = byLabel_.find(bucket(g));
  if (found != byLabel_.end()) {
    std::erase_if(found->second, [&](const Group& x) { return x->meta.name == g.meta.name; });
    if (found->second.empty()) byLabel_.erase(found);
  }
  pods_.erase(g.meta.key());
}

void Membership::replaceGroup(const api::HaGroup& before, const Group& after) {
  const auto found = byLabel_.find(bucket(before));
  if (found == byLabel_.end()) return;
  for (auto& g : found->second)
    if (g->meta.name == before.meta.name) g = after;
}

std::vector<Membership::Group> Membership::groupsOf(const api::Pod& p) const {
  std::vector<Group> all;
  const auto look = [&](const std::string& name) {
    const auto found = byLabel_.find(name);
    if (found == byLabel_.end()) return;
    for (const auto& g : found->second)
      if (matches(*g, p)) all.push_back(g);
  };
  std::string name;
  for (const auto& [k, v] : p.labels) {
    name.assign(p.meta.ns).append("\n").append(k.get()).append("=").append(v.get());
    look(name);
  }
  look(p.meta.ns + "\n*");
  return all;
}

void Membership::addPod(const api::Pod& p) {
  for (const auto& g : groupsOf(p)) addPodTo(*g, p);
}

void Membership::addPodTo(const api::HaGroup& g, const api::Pod& p) {
  auto& pods = pods_[g.meta.key()];
  if (std::find(pods.begin(), pods.end(), p.meta.name) == pods.end()) pods.push_back(p.meta.name);
}

void Membership::removePod(const api::Pod& p) {
  for (const auto& g : groupsOf(p)) {
    const auto found = pods_.find(g->meta.key());
    if (found != pods_.end()) forget(found->second, p.meta.name);
  }
}

const std::vector<std::string>& Membership::podsOf(const std::string& groupKey) const {
  const auto found = pods_.find(groupKey);
  return found == pods_.end() ? kNone : found->second;
}

}  // namespace baton::reconcile
