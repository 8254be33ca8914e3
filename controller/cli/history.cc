#include <algorithm>

#include "cli/commands.h"

namespace baton::cli {
namespace {

using api::Json;

std::string when(const std::optional<Time>& t) { return t ? formatTimeSeconds(*t) : "-"; }

struct Told {
  Time at{};
  std::string type, object, reason, note;
};

Told told(const Json& e) {
  Told t;
  // Events of events.k8s.io have no lastTimestamp, and series tell of theirs themselves.
  const Json& series = api::object(e, "series");
  for (const auto& at :
       {api::time(series, "lastObservedTime"), api::time(e, "lastTimestamp"), api::time(e, "eventTime")})
    if (at) t.at = std::max(t.at, *at);
  const Json& object = api::object(e, "involvedObject");
  std::string kind = api::text(object, "kind");
  t.object = (kind == "SwitchoverRequest" ? "request"
              : kind == "HaGroup"         ? "group"
                                          : "pod") +
             ("/" + api::text(object, "name"));
  t.type = api::text(e, "type");
  t.reason = api::text(e, "reason");
  t.note = api::text(e, "message");
  return t;
}

/// Of the group, and of what its events and history name.
bool concerns(const Json& e, const std::string& group, const std::vector<std::string>& requests,
              const std::vector<std::string>& pods) {
  const Json& object = api::object(e, "involvedObject");
  const std::string kind = api::text(object, "kind"), name = api::text(object, "name");
  const auto in = [&](const std::vector<std::string>& all) {
    return std::find(all.begin(), all.end(), name) != all.end();
  };
  if (kind == "HaGroup") return name == group;
  if (kind == "SwitchoverRequest") return in(requests);
  return kind == "Pod" && in(pods) && api::text(e, "reportingComponent").find("baton") != std::string::npos;
}

Result<std::vector<std::string>> requestNames(Cluster& cluster, const std::string& group) {
  auto list = cluster.requestsOf(group);
  if (!list) return std::move(list).error();
  std::vector<std::string> names;
  for (const auto& item : api::array(*list, "items")) names.push_back(api::text(api::object(item, "metadata"), "name"));
  return names;
}

}  // namespace

int history(const Options& o, Cluster& cluster) {
  auto found = cluster.get(kube::resources::haGroups, cluster.ns(), o.group);
  if (!found) return failed(found.error());
  if (o.output == Output::Json || o.output == Output::Yaml) {
    std::fputs(printed(api::array(api::object(*found, "status"), "history"), o.output).c_str(), stdout);
    return kDone;
  }
  const api::HaGroup g = api::haGroupFromJson(*found);
  if (g.status.history.empty()) {
    std::fprintf(stderr, "the role of %s has not changed hands since Baton looks after it\n", o.group.c_str());
    return kDone;
  }
  Table table;
  const bool wide = o.output == Output::Wide;
  table.add({"WHEN", "FROM", "TO", "TRIGGER", "MODE", "WITHOUT PRIMARY", "REQUEST"});
  if (wide)
    table = Table(), table.add({"BEGAN", "ENDED", "FROM", "TO", "TRIGGER", "MODE", "WITHOUT PRIMARY", "REQUEST"});
  for (const auto& c : g.status.history) {
    const std::string gap =
        c.unavailableMilliseconds ? duration(std::chrono::milliseconds(*c.unavailableMilliseconds)) : "-";
    std::vector<std::string> row = {when(c.completion), c.from.empty() ? "-" : c.from, c.to, c.trigger, c.mode, gap,
                                    c.request};
    if (wide) row.insert(row.begin(), when(c.start));
    table.add(std::move(row));
  }
  std::fputs(table.text().c_str(), stdout);
  return kDone;
}

int events(const Options& o, Cluster& cluster) {
  auto found = cluster.get(kube::resources::haGroups, cluster.ns(), o.group);
  if (!found) return failed(found.error());
  auto requests = requestNames(cluster, o.group);
  if (!requests) return failed(requests.error());
  auto list = cluster.list({"", "v1", "events"}, cluster.ns());
  if (!list) return failed(list.error());
  std::vector<std::string> pods;
  for (const auto& m : api::haGroupFromJson(*found).status.members) pods.push_back(m.pod);
  std::vector<Told> all;
  for (const auto& e : api::array(*list, "items"))
    if (concerns(e, o.group, *requests, pods)) all.push_back(told(e));
  std::stable_sort(all.begin(), all.end(), [](const Told& a, const Told& b) { return a.at < b.at; });
  const Paint paint(useColors(o.color, stdout));
  const Time now = Clock::real().now();
  Table table;
  for (const auto& t : all)
    table.add({age(t.at, now), t.object, t.type == "Warning" ? paint(Ink::Warn, t.reason) : t.reason, t.note});
  if (all.empty()) std::fputs("no Events; Kubernetes keeps them for an hour\n", stderr);
  std::fputs(table.text().c_str(), stdout);
  return kDone;
}

}  // namespace baton::cli
