// A bearer token in a file, as the kubelet writes and renews it:
// https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#launch-a-pod-using-service-account-token-projection
#pragma once

#include <memory>
#include <string>

#include "base/time.h"
#include "kube/authenticator.h"

namespace baton::kube {

/// fallback: the token while the file could never be read; empty: an error then.
std::shared_ptr<Authenticator> tokenFile(const std::string& path, const std::string& fallback = {},
                                         const Clock& clock = Clock::real());

/// A token without the white space round it; Invalid when it is empty or can't stand in a header. `where` names its
/// origin in the error, which does not hold the token.
Result<std::string> checkToken(const std::string& token, const std::string& where);

}  // namespace baton::kube
