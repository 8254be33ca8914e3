#include "http/uri.h"

#include <algorithm>

#include "base/text.h"

namespace baton::http {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> decoded(std::string_view s, bool plusIsSpace) {
  std::string out;
  out.reserve(s.size());
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '+' && plusIsSpace) {
      out += ' ';
    } else if (s[i] != '%') {
      out += s[i];
    } else {
      const bool whole = i + 2 < s.size();
      const int high = whole ? digit(s[i + 1]) : -1, low = whole ? digit(s[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> decode(std::string_view encoded) { return decoded(encoded, false); }

std::pair<std::string_view, std::string_view> splitTarget(std::string_view target) {
  const size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

std::optional<std::vector<std::string>> segments(std::string_view path) {
  std::vector<std::string> all;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (;;) {
    const size_t slash = path.find('/');
    auto one = decode(path.substr(0, slash));
    if (!one) return std::nullopt;
    all.push_back(std::move(*one));
    if (slash == std::string_view::npos) return all;
    path.remove_prefix(slash + 1);
  }
}

std::optional<Parameters> parameters(std::string_view form) {
  Parameters all;
  while (!form.empty()) {
    const size_t end = form.find('&');
    const std::string_view pair = form.substr(0, end);
    form = end == std::string_view::npos ? std::string_view() : form.substr(end + 1);
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    auto key = decoded(pair.substr(0, equals), true);
    auto value = decoded(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!key || !value) return std::nullopt;
    all.emplace_back(std::move(*key), std::move(*value));
  }
  return all;
}

std::optional<std::string_view> parameter(const Parameters& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [name](const auto& p) { return p.first == name; });
  if (found == all.end()) return std::nullopt;
  return found->second;
}

std::string hostName(std::string_view hostHeader) {
  const size_t bracket = hostHeader.starts_with('[') ? hostHeader.find(']') : std::string_view::npos;
  const size_t colon = hostHeader.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return lowerCase(hostHeader.substr(0, colon));
}

}  // namespace baton::http
