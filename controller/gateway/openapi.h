// The description of all paths: docs/openapi.json, which the build puts into the program. It holds no secret, so
// whoever asks gets it without credentials. PURE.
#pragma once

#include <optional>
#include <string_view>

#include "facades/call.h"

namespace baton::gateway {

/// The document, OpenAPI 3.1 as JSON; lives as long as the program.
std::string_view openApiDocument();

/// The answer to a call of /openapi.json; nothing: it is of another path.
std::optional<http::Response> openApiAnswer(const facades::Call& call);

}  // namespace baton::gateway
