// Who we are to the API server. One object serves all transports of a process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace baton::kube {

struct Credential {
  std::string authorization;  // value of the header Authorization; a secret. Empty: a certificate, or anonymous
  uint64_t serial = 0;        // tells this credential from the one before
};

/// Safe from every thread.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// `done` runs exactly once: on this thread, before the return, when the credential is at hand; else later on
  /// another thread, which it must not block.
  virtual void credential(std::function<void(Result<Credential>)> done) = 0;
  /// The server answered 401 to that credential. True when the next one may be another.
  virtual bool refused(uint64_t serial) = 0;
};

/// Says nothing: for client certificates and anonymous access.
std::shared_ptr<Authenticator> noAuthenticator();
std::shared_ptr<Authenticator> staticToken(const std::string& token);
/// RFC 7617.
std::shared_ptr<Authenticator> basicAuth(const std::string& user, const std::string& password);

}  // namespace baton::kube
