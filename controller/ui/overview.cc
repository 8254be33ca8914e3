#include "ui/overview.h"

#include "ui/view.h"

namespace baton::ui {

using api::Json;

std::set<std::string> namespacesOf(const Source& source) {
  std::set<std::string> all;
  for (const auto& g : source.groups()) all.insert(g->meta.ns);
  return all;
}

Json seen(const Source& source, const api::HaGroup& group, Right right, bool history) {
  const std::string& active = group.status.activeRequest;
  return toJson(group, right.requests && !active.empty() ? source.request(group.meta.ns, active) : nullptr, history);
}

Json overview(const Source& source, const Rights& rights, const std::string& version) {
  Json namespaces = Json::object(), groups = Json::array();
  for (const auto& g : source.groups()) {
    const Right right = rights.in(g->meta.ns);
    if (!right.groups) continue;
    namespaces[g->meta.ns] = {{"requests", right.requests}, {"switch", right.change}};
    groups.push_back(seen(source, *g, right, false));
  }
  return {{"version", version}, {"namespaces", std::move(namespaces)}, {"groups", std::move(groups)}};
}

}  // namespace baton::ui
