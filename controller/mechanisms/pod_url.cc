#include "mechanisms/pod_url.h"

#include <variant>

#include "kube/base64.h"

namespace baton::mechanisms {
namespace {

Result<int> portOf(const api::HttpAction& action, const api::Pod& pod) {
  if (const int* number = std::get_if<int>(&action.port)) return *number;
  const std::string& name = std::get<std::string>(action.port);
  for (const api::ContainerPort& p : pod.ports)
    if (p.name.get() == name) return p.port;
  return invalid("pod " + pod.meta.name + " has no container port named '" + name + "'");
}

}  // namespace

Result<std::string> podUrl(const api::HttpAction& action, const api::Pod& pod) {
  if (pod.ip.empty()) return invalid("pod " + pod.meta.name + " has no IP address");
  if (pod.ip.find(':') != std::string::npos)
    return invalid("pod " + pod.meta.name + " has the IPv6 address " + pod.ip +
                   ", which HTTP hooks cannot reach; use an exec hook");
  const Result<int> port = portOf(action, pod);
  if (!port) return port.error();
  return (action.https ? "https://" : "http://") + pod.ip + ":" + std::to_string(*port);
}

http::Tls podTls(const api::HttpAction& action, const api::Pod& pod) {
  http::Tls tls;
  if (!action.https) return tls;
  tls.ca = action.caBundle;
  if (!tls.ca.empty() && tls.ca.find("-----BEGIN") == std::string::npos)
    if (auto decoded = kube::base64Decode(tls.ca)) tls.ca = std::move(*decoded);
  tls.serverName = pod.meta.name;
  tls.insecureSkipVerify = action.insecureSkipVerify;
  return tls;
}

}  // namespace baton::mechanisms
