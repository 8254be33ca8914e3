#include "gateway/openapi.h"

#include "base/crypto.h"
#include "facades/common.h"

namespace baton::gateway {
namespace {

const std::string& tag() {
  static const std::string tag = "\"" + hex(sha256(openApiDocument())).substr(0, 32) + "\"";
  return tag;
}

/// Is it one of If-None-Match? https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match
bool isKnown(std::string_view tags) {
  while (!tags.empty()) {
    const size_t comma = tags.find(',');
    std::string_view one = facades::trimmed(tags.substr(0, comma));
    tags = comma == std::string_view::npos ? std::string_view() : tags.substr(comma + 1);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == "*" || one == tag()) return true;
  }
  return false;
}

}  // namespace

std::optional<http::Response> openApiAnswer(const facades::Call& call) {
  if (!facades::isPath(call, {"openapi.json"})) return std::nullopt;
  if (call.method != http::Method::Get && call.method != http::Method::Head)
    return facades::withAllow(facades::jsonAnswer(405, {{"error", "only GET"}}), "GET, HEAD");
  // Another version of the program has another document, so that a cache has to ask.
  http::Response r{200, {{"ETag", tag()}, {"Cache-Control", "no-cache"}}, ""};
  if (isKnown(call.header("If-None-Match").value_or(""))) {
    r.status = 304;
    return r;
  }
  r.headers.emplace_back("Content-Type", facades::kJson);
  r.body = openApiDocument();
  return r;
}

}  // namespace baton::gateway
