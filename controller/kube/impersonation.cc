#include "kube/impersonation.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace baton::kube {
namespace {

bool fitsHeader(std::string_view value) {
  return !value.empty() && std::none_of(value.begin(), value.end(),
                                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

Result<http::Headers> impersonationHeaders(const Impersonation& as) {
  if (as.user.empty()) return invalid("impersonation needs a user name");
  http::Headers headers;
  headers.emplace_back("Impersonate-User", as.user);
  if (!as.uid.empty()) headers.emplace_back("Impersonate-Uid", as.uid);
  for (const std::string& group : as.groups) headers.emplace_back("Impersonate-Group", group);
  // Keys are percent-encoded, and the server decodes them.
  for (const auto& [key, value] : as.extra) headers.emplace_back("Impersonate-Extra-" + http::encode(key), value);
  for (const auto& [name, value] : headers)
    if (!fitsHeader(value))
      return invalid("impersonation: the value of " + name + " is empty or holds control characters");
  return headers;
}

}  // namespace baton::kube
