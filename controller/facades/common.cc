#include "facades/common.h"

#include <algorithm>

#include "base/crypto.h"

namespace baton::facades {
std::string_view trimmed(std::string_view s) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!s.empty() && blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && blank(s.back())) s.remove_suffix(1);
  return s;
}

std::optional<std::string_view> afterScheme(std::string_view authorization, std::string_view scheme) {
  const size_t blank = authorization.find(' ');
  if (blank == std::string_view::npos || !sameWord(authorization.substr(0, blank), scheme)) return std::nullopt;
  return trimmed(authorization.substr(blank));
}

std::optional<Claim> basicClaim(std::string_view authorization) {
  const auto encoded = afterScheme(authorization, "Basic");
  if (!encoded) return std::nullopt;
  const auto decoded = fromBase64(*encoded);
  const size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) return BadClaim{"Basic credentials are base64 of user:password"};
  return PasswordClaim{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

std::string cookie(const Call& call, std::string_view name) {
  std::string value;
  std::string_view rest = call.header("Cookie").value_or("");
  while (!rest.empty()) {
    const size_t end = rest.find(';');
    const std::string_view one = trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const size_t equals = one.find('=');
    if (equals != std::string_view::npos && one.substr(0, equals) == name) value = one.substr(equals + 1);
  }
  return value;
}

std::string textOf(const api::Json& j) { return j.dump(-1, ' ', false, api::Json::error_handler_t::replace); }

std::string xmlText(std::string_view s) {
  std::string out;
  while (!s.empty()) {
    const Character c = firstCharacter(s);
    const bool space = c.code == '\t' || c.code == '\n' || c.code == '\r';
    const bool fits = c.size > 0 && (c.code >= 0x20 || space) && c.code != 0xFFFE && c.code != 0xFFFF;
    const size_t size = std::max<size_t>(c.size, 1);
    out += fits ? s.substr(0, size) : "\xef\xbf\xbd";
    s.remove_prefix(size);
  }
  return out;
}

http::Response jsonAnswer(int status, const api::Json& body) {
  return {status, {{"Content-Type", kJson}}, textOf(body)};
}

http::Response withAllow(http::Response response, std::string_view methods) {
  response.headers.emplace_back("Allow", methods);
  return response;
}

http::Response withRetry(http::Response response) {
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

std::string explained(const Outcome& o) {
  const std::string reason(name(o.reason));
  if (reason.empty()) return o.message;
  return o.message.empty() ? reason : reason + ": " + o.message;
}

bool isPath(const Call& call, std::initializer_list<std::string_view> words) {
  return std::equal(
      call.segments.begin(), call.segments.end(), words.begin(), words.end(),
      [](const std::string& have, std::string_view want) { return want == "*" ? !have.empty() : have == want; });
}

}  // namespace baton::facades
