#include "cli/dump.h"

#include <algorithm>

#include "reconcile/decoders.h"
#include "reconcile/world.h"

namespace baton::cli {
namespace {

using api::Json;

/// The object with these fields of `from` alone, as far as they are there.
Json only(const Json& from, std::initializer_list<const char*> fields) {
  Json to = Json::object();
  for (const char* field : fields)
    if (const auto it = from.find(field); it != from.end()) to[field] = *it;
  return to;
}

Json metadata(const Json& object) {
  const Json& from = api::object(object, "metadata");
  Json to = only(from, {"name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp",
                        "deletionTimestamp", "deletionGracePeriodSeconds", "labels"});
  Json annotations = Json::object();
  for (const auto& [key, value] : api::object(from, "annotations").items())
    if (key.starts_with("ha.baton.dev/") || key == "kubectl.kubernetes.io/default-container") annotations[key] = value;
  if (!annotations.empty()) to["annotations"] = std::move(annotations);
  return to;
}

Json reduced(const Json& object, std::initializer_list<const char*> spec, std::initializer_list<const char*> status) {
  return {{"metadata", metadata(object)},
          {"spec", only(api::object(object, "spec"), spec)},
          {"status", only(api::object(object, "status"), status)}};
}

Json whole(const Json& object) {
  Json to = only(object, {"apiVersion", "kind", "spec", "status"});
  to["metadata"] = metadata(object);
  return to;
}

Json pod(const Json& object) {
  Json to = reduced(object, {"nodeName"}, {"phase", "conditions", "podIP"});
  Json containers = Json::array();
  for (const auto& c : api::array(api::object(object, "spec"), "containers"))
    containers.push_back(only(c, {"name", "ports"}));
  to["spec"]["containers"] = std::move(containers);
  return to;
}

Json node(const Json& object) { return reduced(object, {"unschedulable", "taints"}, {"conditions"}); }
Json service(const Json& object) { return reduced(object, {"selector"}, {}); }

Result<Json> itemsOf(Result<Json> list, const std::function<Json(const Json&)>& reduce,
                     const std::function<bool(const Json&)>& wanted) {
  if (!list) return std::move(list).error();
  Json items = Json::array();
  for (const auto& item : api::array(*list, "items"))
    if (wanted(item)) items.push_back(reduce(item));
  return items;
}

bool any(const Json&) { return true; }

/// A list as the API server would answer, for the controller's own decoders.
std::string listOf(const Json& items) {
  return Json{{"metadata", {{"resourceVersion", "1"}}}, {"items", items}}.dump();
}

template <class T>
Status feed(kube::Sink<T> sink, const kube::Decoder<T>& decoder, const Json& items, const char* what) {
  auto page = decoder.decodeList(listOf(items));
  if (!page) return std::move(page).error().within(what);
  if (!page->skipped.empty()) return Error(page->skipped.front()).within(what);
  sink.replace(std::move(page->items), 1);
  return Ok{};
}

bool matches(const api::HaGroup& g, const Json& pod, const std::string& primary) {
  const Json& meta = api::object(pod, "metadata");
  const Json& labels = api::object(meta, "labels");
  return api::text(meta, "name") == primary ||
         g.spec->selector.matches([&](std::string_view key) -> const std::string* {
           const auto it = labels.find(key);
           if (it == labels.end() || !it->is_string()) return nullptr;
           return it->template get_ptr<const std::string*>();
         });
}

}  // namespace

Result<Dump> gather(Cluster& cluster, const std::string& ns, const std::string& group, Time now) {
  Dump d{ns, group, now, {}, {}, {}, Json::array(), Json::array(), {}};
  auto groups = itemsOf(cluster.list(kube::resources::haGroups, ns), whole, any);
  if (!groups) return std::move(groups).error();
  d.groups = std::move(*groups);
  const auto own = std::find_if(d.groups.begin(), d.groups.end(),
                                [&](const Json& g) { return api::text(api::object(g, "metadata"), "name") == group; });
  if (own == d.groups.end()) return notFound("there is no HaGroup " + group + " in namespace " + ns);
  const api::HaGroup parsed = api::haGroupFromJson(*own);
  const std::string primary = parsed.status.primary.empty() ? parsed.status.formerPrimary : parsed.status.primary;
  auto requests = itemsOf(cluster.list(kube::resources::switchoverRequests, ns), whole, [&](const Json& r) {
    return api::text(api::object(api::object(r, "spec"), "groupRef"), "name") == group;
  });
  if (!requests) return std::move(requests).error();
  auto pods =
      itemsOf(cluster.list(kube::resources::pods, ns), pod, [&](const Json& p) { return matches(parsed, p, primary); });
  if (!pods) return std::move(pods).error();
  d.requests = std::move(*requests);
  d.pods = std::move(*pods);
  // As the controller: without these it knows neither zones nor cordoned nodes, or no traffic.
  auto nodes = itemsOf(cluster.list(kube::resources::nodes, ""), node, any);
  nodes ? void(d.nodes = std::move(*nodes)) : d.notes.push_back("nodes: " + nodes.error().message);
  auto services = itemsOf(cluster.list(kube::resources::services, ns), service, any);
  services ? void(d.services = std::move(*services)) : d.notes.push_back("services: " + services.error().message);
  return d;
}

Json toJson(const Dump& d) {
  return {{"kind", "BatonDump"}, {"version", 1},           {"time", formatTime(d.at)}, {"namespace", d.ns},
          {"group", d.group},    {"groups", d.groups},     {"requests", d.requests},   {"pods", d.pods},
          {"nodes", d.nodes},    {"services", d.services}, {"notes", d.notes}};
}

Result<Dump> dumpFrom(const std::string& text) {
  const Json j = Json::parse(text, nullptr, false);
  if (!j.is_object()) return invalid("it is not a JSON object");
  if (api::text(j, "kind") != "BatonDump")
    return invalid("its kind is not BatonDump: 'kubectl baton dump GROUP' makes one");
  if (api::integer(j, "version") != 1) return invalid("its version is not 1; this program reads no other");
  const auto at = api::time(j, "time");
  if (!at) return invalid("its time is missing, or no RFC 3339 time");
  Dump d{api::text(j, "namespace"), api::text(j, "group"),     *at,
         api::array(j, "groups"),   api::array(j, "requests"), api::array(j, "pods"),
         api::array(j, "nodes"),    api::array(j, "services"), {}};
  for (const auto& note : api::array(j, "notes"))
    if (note.is_string()) d.notes.push_back(note.get<std::string>());
  return d;
}

Result<ha::Snapshot> snapshot(const Dump& d) {
  reconcile::World world([](const std::string&) {});
  if (auto s = feed(world.groups(), reconcile::groupDecoder(false), d.groups, "groups"); !s)
    return std::move(s).error();
  if (auto s = feed(world.nodes(), reconcile::nodeDecoder(), d.nodes, "nodes"); !s) return std::move(s).error();
  if (auto s = feed(world.services(), reconcile::serviceDecoder(), d.services, "services"); !s)
    return std::move(s).error();
  if (auto s = feed(world.pods(), reconcile::podDecoder(), d.pods, "pods"); !s) return std::move(s).error();
  if (auto s = feed(world.requests(), reconcile::requestDecoder(), d.requests, "requests"); !s)
    return std::move(s).error();
  auto view = world.view(d.ns, d.group, d.at);
  if (!view) return notFound("there is no HaGroup " + d.group + " in namespace " + d.ns);
  return std::move(view->snapshot);
}

}  // namespace baton::cli
