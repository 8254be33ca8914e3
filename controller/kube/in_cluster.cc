#include "kube/in_cluster.h"

#include <unistd.h>

#include <string>
#include <utility>

#include "kube/file.h"
#include "kube/tls_source.h"
#include "kube/token_file.h"

namespace baton::kube {
namespace {

/// The transport takes no IPv6 literal; the name is in every API server's certificate.
std::string hostAndPort(const std::string& host, const std::string& port) {
  return (host.find(':') == std::string::npos ? host : "kubernetes.default.svc") + ":" + port;
}

Result<Config> load(const ConfigOptions& options, const std::string& host, const std::string& port) {
  const std::string& directory = options.serviceAccountDirectory;
  Config config;
  config.server = "https://" + hostAndPort(host, port);
  config.source = "in-cluster service account";
  TlsFiles files;
  files.ca.path = directory + "/ca.crt";
  auto tls = tlsSource(files, nullptr, *options.clock);
  if (!tls) return std::move(tls).error().within(config.source);
  config.tls = std::move(*tls);
  config.authenticator = tokenFile(directory + "/token", {}, *options.clock);
  if (auto ns = readFile(directory + "/namespace", 4096)) {
    while (!ns->empty() && ns->back() == '\n') ns->pop_back();
    if (!ns->empty()) config.ns = std::move(*ns);
  }
  return config;
}

}  // namespace

std::optional<Result<Config>> inClusterConfig(const ConfigOptions& options) {
  const auto host = options.environment("KUBERNETES_SERVICE_HOST");
  const auto port = options.environment("KUBERNETES_SERVICE_PORT");
  if (!host || host->empty() || !port || port->empty()) return std::nullopt;
  if (::access((options.serviceAccountDirectory + "/token").c_str(), F_OK) != 0) return std::nullopt;
  return load(options, *host, *port);
}

}  // namespace baton::kube
