#include "mechanisms/secret_headers.h"

#include <algorithm>
#include <array>

#include "api/json.h"
#include "http/status_error.h"
#include "kube/base64.h"

namespace baton::mechanisms {
namespace {

constexpr size_t kShortestSecret = 4;  // bytes; shorter values are no secrets, and would hide common words
constexpr std::array<const char*, 12> kReserved = {"Baton-Epoch", "Connection", "Content-Length",    "Content-Type",
                                                   "Expect",      "Host",       "Keep-Alive",        "Proxy-Connection",
                                                   "TE",          "Trailer",    "Transfer-Encoding", "Upgrade"};

bool reserved(const std::string& name) {
  const http::Headers one{{name, ""}};
  return std::any_of(kReserved.begin(), kReserved.end(), [&](const char* r) { return http::find(one, r).has_value(); });
}

}  // namespace

Result<http::Headers> secretHeaders(std::string_view secretObject, const std::string& secretName) {
  const std::string secret = "Secret " + secretName;
  const api::Json j = api::Json::parse(secretObject, nullptr, false);
  if (!j.is_object()) return invalid(secret + " cannot be read: the answer is no JSON object");
  http::Headers headers;
  for (const auto& [key, encoded] : api::object(j, "data").items()) {
    const auto value = encoded.is_string() ? kube::base64Decode(encoded.get_ref<const std::string&>()) : std::nullopt;
    if (!value) return invalid(secret + ": the value of '" + key + "' is not base64");
    if (reserved(key)) return invalid(secret + ": '" + key + "' is a header that cannot be set");
    if (!http::wellFormed({{key, ""}})) return invalid(secret + ": '" + key + "' is no header name");
    if (!http::wellFormed({{key, *value}}))
      return invalid(secret + ": the value of '" + key + "' holds a line end or another control character");
    headers.emplace_back(key, *value);
  }
  return headers;
}

std::string withoutValues(std::string text, const http::Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (value.size() < kShortestSecret) continue;
    const std::string mark = "[" + name + "]";
    for (size_t at = text.find(value); at != text.npos; at = text.find(value, at + mark.size()))
      text.replace(at, value.size(), mark);
  }
  return text;
}

}  // namespace baton::mechanisms
