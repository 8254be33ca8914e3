// The target and the Host of a request as a server has to read them:
// https://www.rfc-editor.org/rfc/rfc9112#name-request-target and #section-3.2. PURE.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace baton::http {

struct RequestTarget {
  std::string origin;                    // path and query
  std::optional<std::string> authority;  // of a target in absolute form: counts instead of the Host header
};

/// Nothing: it is not served (another form, a fragment, dot segments, raw bytes beyond ASCII), or malformed.
std::optional<RequestTarget> readTarget(std::string_view target, Method method);

/// "host", "host:port", "[::1]:8443"; may be empty, as a Host header may.
bool validHost(std::string_view host);

}  // namespace baton::http
