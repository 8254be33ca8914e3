// The contract with credential plugins, as values; nothing is run here.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
// https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace baton::kube {

/// `exec` of a kubeconfig's user.
struct ExecPlugin {
  std::string apiVersion;  // client.authentication.k8s.io/v1 or /v1beta1
  std::string command;     // a path, or a name to be found on PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string installHint;
  std::string clusterInfo;  // JSON of spec.cluster, when provideClusterInfo; else empty
  std::string where;        // "FILE:LINE: user \"x\"", for errors
};

/// What a plugin answers; all of it is secret.
struct ExecAnswer {
  std::string token;
  std::string clientCert;  // PEM
  std::string clientKey;
  std::optional<Time> expires;
};

/// The value of KUBERNETES_EXEC_INFO.
std::string execInfo(const ExecPlugin& plugin);

/// Reads an ExecCredential. Errors never quote it.
Result<ExecAnswer> readExecAnswer(const ExecPlugin& plugin, std::string_view output);

}  // namespace baton::kube
