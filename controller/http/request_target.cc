#include "http/request_target.h"

#include <algorithm>

#include "base/text.h"

namespace baton::http {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// reg-name of RFC 3986, IPv4 addresses too.
bool isRegName(std::string_view s) {
  for (size_t i = 0; i < s.size(); ++i) {
    const char c = s[i];
    if (c == '%') {
      if (i + 2 >= s.size() || !isHex(s[i + 1]) || !isHex(s[i + 2])) return false;
      i += 2;
    } else if (!isDigit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
               std::string_view("-._~!$&'()*+,;=").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool isPort(std::string_view s) { return s.size() <= 5 && std::all_of(s.begin(), s.end(), isDigit); }

bool dotSegment(std::string_view segment) {
  std::string plain;
  for (size_t i = 0; i < segment.size() && plain.size() < 3; ++i) {
    const bool dot = sameWord(segment.substr(i, 3), "%2e");
    plain += dot ? '.' : segment[i];
    if (dot) i += 2;
  }
  return plain == "." || plain == "..";
}

bool hasDotSegment(std::string_view path) {
  while (true) {
    const size_t slash = path.find('/');
    if (dotSegment(path.substr(0, slash))) return true;
    if (slash == path.npos) return false;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

bool validHost(std::string_view host) {
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    if (end == host.npos || end == 1) return false;
    const std::string_view inside = host.substr(1, end - 1), rest = host.substr(end + 1);
    const bool address =
        std::all_of(inside.begin(), inside.end(), [](char c) { return isHex(c) || c == ':' || c == '.'; });
    return address && (rest.empty() || (rest[0] == ':' && isPort(rest.substr(1))));
  }
  const size_t colon = host.find(':');
  return isRegName(host.substr(0, colon)) && (colon == host.npos || isPort(host.substr(colon + 1)));
}

std::optional<RequestTarget> readTarget(std::string_view target, Method method) {
  if (target == "*" && method == Method::Options) return RequestTarget{"*", std::nullopt};
  RequestTarget out;
  if (const size_t scheme = target.find("://");
      scheme != target.npos &&
      (sameWord(target.substr(0, scheme), "http") || sameWord(target.substr(0, scheme), "https"))) {
    target.remove_prefix(scheme + 3);
    const size_t end = std::min(target.find_first_of("/?#"), target.size());
    out.authority = std::string(target.substr(0, end));
    if (out.authority->empty() || out.authority->starts_with(':') || !validHost(*out.authority)) return std::nullopt;
    target.remove_prefix(end);
  }
  out.origin = (out.authority && !target.starts_with('/') ? "/" : "") + std::string(target);
  const bool ascii = std::all_of(out.origin.begin(), out.origin.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!out.origin.starts_with('/') || !ascii || out.origin.find('#') != std::string::npos) return std::nullopt;
  if (hasDotSegment(std::string_view(out.origin).substr(0, out.origin.find('?')).substr(1))) return std::nullopt;
  return out;
}

}  // namespace baton::http
