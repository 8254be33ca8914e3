#include "gateway/openapi.h"

#include "facades/common.h"
#include "gateway/incoming.h"

namespace baton::gateway {

std::optional<http::Response> openApiAnswer(const facades::Call& call) {
  static const File file{openApiDocument(), facades::kJson, tagOf(openApiDocument())};
  if (!facades::isPath(call, {"openapi.json"})) return std::nullopt;
  return fileAnswer(call, file);
}

}  // namespace baton::gateway
