// A request as text, made into what the gateway hands to the facades.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "facades/call.h"
#include "facades/common.h"
#include "http/status_error.h"

namespace baton::fuzz {

/// The next line without its end, taken off the text.
inline std::string_view takeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// "POST /path?query", lines "Name: value", an empty line, the body. Nothing: the server or the gateway would have
/// refused it.
inline std::optional<facades::Call> callOf(std::string_view text) {
  facades::Call call;
  const std::string_view first = takeLine(text);
  const size_t blank = first.find(' ');
  const std::string_view target = blank == std::string_view::npos ? first : first.substr(blank + 1);
  if (!target.starts_with('/')) return std::nullopt;
  const auto [path, query] = http::splitTarget(target);
  auto segments = http::segments(path);
  auto parameters = http::parameters(query);
  if (!segments || !parameters) return std::nullopt;
  call.method = http::methodNamed(first.substr(0, blank)).value_or(http::Method::Post);
  call.path = path;
  call.rawQuery = query;
  call.segments = std::move(*segments);
  call.query = std::move(*parameters);
  for (std::string_view line = takeLine(text); !line.empty(); line = takeLine(text)) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    http::Headers one = {{std::string(line.substr(0, colon)), std::string(facades::trimmed(line.substr(colon + 1)))}};
    if (http::wellFormed(one)) call.headers.push_back(std::move(one[0]));
  }
  call.host = http::hostName(call.header("Host").value_or(""));
  call.body = text;
  call.id = "0F1E2D3C-4B5A-4968-8776-A5B4C3D2E1F0";
  return call;
}

}  // namespace baton::fuzz
