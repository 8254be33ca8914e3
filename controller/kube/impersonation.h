// The headers of https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
#pragma once

#include "base/result.h"
#include "http/message.h"
#include "kube/client.h"

namespace baton::kube {

/// Impersonate-User, -Uid, -Group and -Extra-KEY. Invalid without a user, or when a value can't stand in a header.
Result<http::Headers> impersonationHeaders(const Impersonation& as);

}  // namespace baton::kube
