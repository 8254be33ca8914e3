// Kubeconfig files as values: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
// Read here for form; whether the chosen context makes sense is looked at in kubeconfig_resolve.h.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "kube/client.h"
#include "kube/exec_credential.h"

namespace baton::kube {

/// One of a file's path (absolute, or relative to our working directory as the kubeconfig's own is) or its content.
struct FileOrData {
  std::string path;
  std::string data;
  bool empty() const { return path.empty() && data.empty(); }
};

struct KubeconfigCluster {
  std::string name;
  std::string where;  // "FILE:LINE: cluster \"x\"", for errors
  std::string server;
  std::string tlsServerName;
  std::string proxyUrl;
  bool insecureSkipVerify = false;
  FileOrData ca;
  nlohmann::json execConfig;  // extension client.authentication.k8s.io/exec; null: none
};

struct KubeconfigUser {
  std::string name;
  std::string where;
  FileOrData clientCert;
  FileOrData clientKey;
  std::string token;
  std::string tokenFile;
  std::string username;
  std::string password;
  Impersonation as;
  std::optional<ExecPlugin> exec;
  bool provideClusterInfo = false;  // of exec
  std::string interactiveMode;      // of exec
  std::string authProvider;         // its name
};

struct KubeconfigContext {
  std::string name;
  std::string where;
  std::string cluster;
  std::string user;
  std::string ns;
};

struct Kubeconfig {
  std::vector<std::string> files;  // it was read from
  std::string currentContext;
  std::vector<KubeconfigCluster> clusters;
  std::vector<KubeconfigUser> users;
  std::vector<KubeconfigContext> contexts;
};

/// `file` is its path: for messages, and because relative paths within are relative to its folder.
Result<Kubeconfig> parseKubeconfig(const std::string& text, const std::string& file);
/// NotFound when there is no such file.
Result<Kubeconfig> readKubeconfig(const std::string& file);

/// As kubectl merges $KUBECONFIG: the first file that has an entry of a name, or a current-context, wins.
Kubeconfig mergeKubeconfigs(std::vector<Kubeconfig> all);

}  // namespace baton::kube
