// Certificates for new connections, from files that are replaced while we run, and from a credential plugin.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "http/transport.h"
#include "kube/exec_authenticator.h"
#include "kube/kubeconfig.h"

namespace baton::kube {

struct TlsFiles {
  FileOrData ca;
  FileOrData clientCert;
  FileOrData clientKey;
  std::string serverName;
  bool insecureSkipVerify = false;
};

/// Reads every file once, so that what is missing is an error now; the function returned reads them again as they
/// change, and keeps the last good content. plugin: may be null; its certificate goes before the files'.
Result<std::function<http::Tls()>> tlsSource(const TlsFiles& files, std::shared_ptr<ExecAuthenticator> plugin,
                                             const Clock& clock = Clock::real());

/// The content, of either kind. Invalid unless it holds a PEM block whose label ends so ("CERTIFICATE", "PRIVATE KEY").
Result<std::string> readPem(const FileOrData& source, const std::string& label);

}  // namespace baton::kube
