// cancel, pause, resume: one field of an object.
#include "api/switchover.h"
#include "cli/commands.h"

namespace baton::cli {
namespace {

Result<std::vector<api::SwitchoverRequest>> openRequests(Cluster& cluster, const std::string& group) {
  auto list = cluster.requestsOf(group);
  if (!list) return std::move(list).error();
  std::vector<api::SwitchoverRequest> open;
  for (const auto& item : api::array(*list, "items")) {
    api::SwitchoverRequest r = api::switchoverFromJson(item);
    if (!api::finished(r.status.phase)) open.push_back(std::move(r));
  }
  return open;
}

/// The one that is meant when none is named: who has begun; else the only one that waits.
Result<std::string> meant(Cluster& cluster, const std::string& group) {
  auto open = openRequests(cluster, group);
  if (!open) return std::move(open).error();
  if (open->empty()) return notFound("no request of " + group + " is under way or waits");
  for (const auto& r : *open)
    if (api::started(r.status.phase)) return r.meta.name;
  if (open->size() == 1) return open->front().meta.name;
  std::string names;
  for (const auto& r : *open) names += " " + r.meta.name;
  return invalid("several requests wait:" + names + "; say which with --request");
}

}  // namespace

int cancel(const Options& o, Cluster& cluster) {
  Result<std::string> name = o.request.empty() ? meant(cluster, o.group) : Result<std::string>(o.request);
  if (!name) return failed(name.error());
  auto found = cluster.get(kube::resources::switchoverRequests, cluster.ns(), *name);
  if (!found) return failed(found.error());
  const api::SwitchoverRequest r = api::switchoverFromJson(*found);
  if (r.spec.group != o.group)
    return failed(invalid(*name + " is a request of " + r.spec.group + ", not of " + o.group));
  const std::string phase(api::name(r.status.phase));
  if (api::finished(r.status.phase) || api::pastPointOfNoReturn(r.status.phase)) {
    std::fprintf(stderr, "refused: %s is %s%s\n", name->c_str(), phase.c_str(),
                 api::finished(r.status.phase) ? " already" : ", past its point of no return; it ends soon by itself");
    return kRefused;
  }
  auto done = cluster.patch(kube::resources::switchoverRequests, cluster.ns(), *name, {{"spec", {{"cancel", true}}}});
  if (!done) return failed(done.error());
  std::printf("switchoverrequest/%s: cancel asked for\n", name->c_str());
  return kDone;
}

int pause(const Options& o, Cluster& cluster) {
  const bool paused = o.command == "pause";
  auto done = cluster.patch(kube::resources::haGroups, cluster.ns(), o.group, {{"spec", {{"paused", paused}}}});
  if (!done) return failed(done.error());
  std::printf("hagroup/%s %s\n", o.group.c_str(), paused ? "paused" : "resumed");
  return kDone;
}

}  // namespace baton::cli
