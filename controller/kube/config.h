// Where the API server is and who we are there: in-cluster service account or kubeconfig files.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "http/transport.h"
#include "kube/authenticator.h"
#include "kube/client.h"

namespace baton::kube {

struct Config {
  std::string server;      // scheme, host and port: "https://10.240.0.1:6443"
  std::string pathPrefix;  // what stands before "/api" and "/apis", as behind a proxy: "/k8s/clusters/c1"; mostly empty
  std::function<http::Tls()> tls;  // reads rotated files again; safe from every thread
  std::shared_ptr<Authenticator> authenticator;
  std::optional<Impersonation> as;  // of the user entry
  std::string ns = "default";       // of the context, or the pod's own
  std::string source;               // "in-cluster service account", "/root/.kube/config, context \"lab\""
};

struct ConfigOptions {
  std::string kubeconfig;  // this file and no other source
  std::string context;     // instead of current-context; then the in-cluster account is not looked at
  /// A controller asks the in-cluster account first; a command-line tool as kubectl does, last.
  bool inClusterFirst = true;

  // The outside world, which tests replace.
  std::function<std::optional<std::string>(const std::string& name)> environment;  // empty: the process' own
  std::string serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";
  const Clock* clock = &Clock::real();
};

/// Takes the first of: options.kubeconfig; in-cluster account; files of $KUBECONFIG; ~/.kube/config. Errors (Invalid,
/// or NotFound when there is no source at all) name file, line, entry, field and what was expected.
Result<Config> loadConfig(const ConfigOptions& options = {});

}  // namespace baton::kube
