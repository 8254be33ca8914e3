#include "app/ui_source.h"

#include <algorithm>

namespace baton::app {

std::chrono::seconds UiSource::unheard() const {
  std::chrono::duration<double> longest{0};
  for (const auto& scope : scopes_) longest = std::max(longest, scope->age());
  if (longest <= reconcile::Scope::kHeard) return std::chrono::seconds(0);
  return std::chrono::duration_cast<std::chrono::seconds>(longest);
}

ui::Group UiSource::current(ui::Group group) const {
  if (auto now = group ? upToDate_(*group) : std::nullopt) return std::make_shared<const api::HaGroup>(std::move(*now));
  return group;
}

std::vector<ui::Group> UiSource::groups() const {
  std::vector<ui::Group> all;
  for (const auto& scope : scopes_)
    for (auto& group : std::as_const(*scope).world().groupList()) all.push_back(current(std::move(group)));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a->meta.ns, a->meta.name) < std::tie(b->meta.ns, b->meta.name);
  });
  return all;
}

ui::Group UiSource::group(const std::string& ns, const std::string& name) const {
  const auto* scope = reconcile::scopeOf(scopes_, ns);
  return scope ? current(scope->world().group(ns, name)) : nullptr;
}

std::vector<ui::Request> UiSource::requestsOf(const std::string& ns, const std::string& group) const {
  const auto* scope = reconcile::scopeOf(scopes_, ns);
  if (!scope) return {};
  auto all = scope->world().requestsOf(ns, group);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a->meta.created, a->meta.resourceVersion) > std::tie(b->meta.created, b->meta.resourceVersion);
  });
  return all;
}

ui::Request UiSource::request(const std::string& ns, const std::string& name) const {
  const auto* scope = reconcile::scopeOf(scopes_, ns);
  return scope ? scope->world().request(ns, name) : nullptr;
}

}  // namespace baton::app
