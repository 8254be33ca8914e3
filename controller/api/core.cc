#include "api/core.h"

namespace baton::api {

Node nodeFromJson(const Json& j) {
  Node n;
  n.meta = metaFromJson(object(j, "metadata"));
  n.zone = text(object(object(j, "metadata"), "labels"), "topology.kubernetes.io/zone");
  n.cordoned = boolean(object(j, "spec"), "unschedulable");
  for (const auto& t : array(object(j, "spec"), "taints"))
    if (text(t, "key") == "node.kubernetes.io/out-of-service") n.outOfService = true;
  for (const auto& c : array(object(j, "status"), "conditions"))
    if (text(c, "type") == "Ready") n.ready = text(c, "status") == "True";
  return n;
}

bool sameToUs(const Node& a, const Node& b) {
  return a.zone == b.zone && a.cordoned == b.cordoned && a.ready == b.ready && a.outOfService == b.outOfService;
}

Service serviceFromJson(const Json& j) {
  Service s;
  s.meta = metaFromJson(object(j, "metadata"));
  for (const auto& [k, v] : object(object(j, "spec"), "selector").items())
    if (v.is_string()) s.selector.emplace_back(k, v.get<std::string>());
  return s;
}

Endpoints endpointsFromJson(const Json& list) {
  Endpoints e;
  for (const auto& slice : array(list, "items"))
    for (const auto& endpoint : array(slice, "endpoints")) {
      const Json& target = object(endpoint, "targetRef");
      if (text(target, "kind") != "Pod") continue;
      const std::string pod = text(target, "name");
      e.all.push_back(pod);
      // "ready" unset means unknown, which consumers take as ready (EndpointConditions).
      if (boolean(object(endpoint, "conditions"), "ready", true)) e.ready.push_back(pod);
    }
  return e;
}

}  // namespace baton::api
