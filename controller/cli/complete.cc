// What the shells ask for: kubectl's protocol of __complete, a line for each candidate and a directive at the end.
// https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/
#include <set>

#include "cli/commands.h"

namespace baton::cli {
namespace {

using api::Json;

constexpr const char* kNoFiles = ":4\n";

/// The words' own -n, --context and --kubeconfig lead to the cluster that is meant; other words may not parse yet.
Options given(const std::vector<std::string>& words) {
  Options o;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& w = words[i];
    const size_t equals = w.find('=');
    const std::string flag = w.substr(0, equals);
    const std::string value = equals == std::string::npos ? words[i + 1] : w.substr(equals + 1);
    if (flag == "-n" || flag == "--namespace") o.ns = value;
    if (flag == "--context") o.context = value;
    if (flag == "--kubeconfig") o.kubeconfig = value;
    if (i > 0 && !w.starts_with("-") && !words[i - 1].starts_with("-") && o.group.empty()) o.group = w;
  }
  return o;
}

void names(const Result<Json>& list, std::set<std::string>& all) {
  if (!list) return;
  for (const auto& item : api::array(*list, "items")) all.insert(api::text(api::object(item, "metadata"), "name"));
}

std::set<std::string> objects(const std::string& what, const Options& o) {
  std::set<std::string> all;
  auto cluster = Cluster::connect(o);
  if (!cluster) return all;
  const std::string& ns = (*cluster)->ns();
  if (what == kGroups) names((*cluster)->list(kube::resources::haGroups, ns), all);
  if (what == kRequests) names((*cluster)->requestsOf(o.group), all);
  if (what == kPods)
    if (auto g = (*cluster)->get(kube::resources::haGroups, ns, o.group))
      for (const auto& m : api::haGroupFromJson(*g).status.members) all.insert(m.pod);
  return all;
}

}  // namespace

int complete(const std::vector<std::string>& words) {
  const std::string begun = words.empty() ? "" : words.back();
  for (const auto& c : candidates(words)) {
    if (!c.starts_with("<")) {
      if (c.starts_with(begun)) std::puts(c.c_str());
      continue;
    }
    for (const auto& name : objects(c, given(words)))
      if (name.starts_with(begun)) std::puts(name.c_str());
  }
  std::fputs(kNoFiles, stdout);
  return kDone;
}

}  // namespace baton::cli
