// Objects as the API server has them, made in one line: group "orders" and its pods in namespace "shop".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/core.h"
#include "api/hagroup.h"
#include "api/pod.h"
#include "api/switchover.h"
#include "kube/watch_event.h"
#include "unit/kube/manual_clock.h"

namespace baton::reconcile {

using api::Json;
using Labels = std::vector<std::pair<std::string, std::string>>;

/// The moment at which a ManualClock begins.
inline Time begin() { return kube::ManualClock().now(); }

template <class T>
kube::Object<T> shared(T value) {
  return std::make_shared<const T>(std::move(value));
}

inline Json metadata(const std::string& name, const std::string& ns = "shop") {
  return {{"name", name},           {"namespace", ns}, {"uid", "uid-" + name},
          {"resourceVersion", "1"}, {"generation", 1}, {"creationTimestamp", formatTimeSeconds(begin())}};
}

/// Without a selector in `spec`: the pods whose label "cluster" is the group's name.
inline Json groupJson(const std::string& name, Json spec = Json::object(), const std::string& ns = "shop") {
  if (!spec.contains("selector")) spec["selector"] = {{"matchLabels", {{"cluster", name}}}};
  return {{"metadata", metadata(name, ns)}, {"spec", std::move(spec)}};
}
inline api::HaGroup group(const std::string& name, Json spec = Json::object(), const std::string& ns = "shop") {
  return api::haGroupFromJson(groupJson(name, std::move(spec), ns));
}

inline Json requestJson(const std::string& name, const std::string& group, Json spec = Json::object(),
                        const std::string& ns = "shop") {
  spec["groupRef"] = {{"name", group}};
  return {{"metadata", metadata(name, ns)}, {"spec", std::move(spec)}};
}
inline api::SwitchoverRequest request(const std::string& name, const std::string& group = "orders",
                                      Json spec = Json::object(), const std::string& ns = "shop") {
  return api::switchoverFromJson(requestJson(name, group, std::move(spec), ns));
}
/// One that ended then.
inline api::SwitchoverRequest ended(const std::string& name, api::Phase phase, Time completion,
                                    Json spec = Json::object()) {
  api::SwitchoverRequest r = request(name, "orders", std::move(spec));
  r.status.phase = phase;
  r.status.completion = completion;
  return r;
}

/// Ready, on no node.
inline Json podJson(const std::string& name, const Labels& labels, const std::string& ns = "shop") {
  Json j = Json::parse(R"({"spec": {"containers": [{"name": "db"}]},
                           "status": {"phase": "Running", "podIP": "10.0.0.1", "conditions": [{"type": "Ready", "status": "True"}]}})");
  j["metadata"] = metadata(name, ns);
  for (const auto& [k, v] : labels) j["metadata"]["labels"][k] = v;
  return j;
}
inline api::Pod pod(const std::string& name, const Labels& labels, const std::string& ns = "shop") {
  return api::decodePod(podJson(name, labels, ns).dump()).value();
}

inline api::Node node(const std::string& name, const std::string& zone = "", bool cordoned = false) {
  api::Node n;
  n.meta.name = name;
  n.meta.uid = "uid-" + name;
  n.zone = zone;
  n.cordoned = cordoned;
  return n;
}

inline api::Service service(const std::string& name, const Labels& selector, const std::string& ns = "shop") {
  api::Service s;
  s.meta.ns = ns;
  s.meta.name = name;
  s.meta.uid = "uid-" + name;
  s.selector = selector;
  return s;
}

}  // namespace baton::reconcile
