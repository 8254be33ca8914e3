// What the WebSocket to a process in a pod (pods/exec) needs, as it doesn't go through http::Transport.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/transport.h"
#include "kube/authenticator.h"
#include "kube/client.h"
#include "kube/config.h"
#include "kube/request.h"

namespace baton::kube {

struct ExecAccess {
  std::string server;              // "https://10.240.0.1:6443"
  std::string pathPrefix;          // goes before execTarget()
  std::function<http::Tls()> tls;  // ask for each connection, after the headers
  std::shared_ptr<Authenticator> authenticator;
  std::optional<Impersonation> as;  // of the kubeconfig; a request's own replaces it
  std::string userAgent;
};

struct ExecHeaders {
  http::Headers headers;  // Authorization, Impersonate-*, User-Agent; secret
  uint64_t serial = 0;    // for authenticator->refused() when the server answers 401
};

ExecAccess execAccess(const Config& config, const std::string& version);

/// `done` runs once, on this thread or another, and must not block.
void execHeaders(const ExecAccess& access, const std::optional<Impersonation>& as,
                 std::function<void(Result<ExecHeaders>)> done);

}  // namespace baton::kube
