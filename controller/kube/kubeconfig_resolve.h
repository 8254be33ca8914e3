// From the chosen context of a kubeconfig to a Config: are its cluster and user complete, and what do they mean?
// The rules are those of client-go's clientcmd (tools/clientcmd/validation.go, client_config.go).
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "kube/config.h"
#include "kube/kubeconfig.h"

namespace baton::kube {

/// context: empty: current-context. Reads the certificate files it names; runs nothing.
Result<Config> resolveKubeconfig(const Kubeconfig& kubeconfig, const std::string& context, const Clock& clock);

struct ServerAddress {
  std::string server;      // "https://host:6443"
  std::string pathPrefix;  // "" or "/k8s/clusters/c1"
};
/// Takes "http[s]://HOST[:PORT][/PATH]"; Invalid for anything else.
Result<ServerAddress> parseServer(const std::string& url);

}  // namespace baton::kube
