// Of nodes, Services and EndpointSlices what decides about roles.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/json.h"
#include "api/meta.h"

namespace baton::api {

struct Node {
  Meta meta;
  std::string zone;       // label topology.kubernetes.io/zone
  bool cordoned = false;  // spec.unschedulable
  bool ready = true;
  bool outOfService = false;  // taint node.kubernetes.io/out-of-service: its pods are surely not running
};
Node nodeFromJson(const Json& j);
bool sameToUs(const Node& a, const Node& b);

struct Service {
  Meta meta;
  std::vector<std::pair<std::string, std::string>> selector;
};
Service serviceFromJson(const Json& j);

/// Names of the pods behind a Service that may get traffic, from the items of an EndpointSliceList.
struct Endpoints {
  std::vector<std::string> ready;
  std::vector<std::string> all;
};
Endpoints endpointsFromJson(const Json& endpointSliceList);

}  // namespace baton::api
