#include "kube/status_error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace baton::kube {
namespace {

using nlohmann::json;
using Kind = Error::Kind;

constexpr size_t kLongestStatus = 1 << 20;  // bytes; more is no Status object
constexpr size_t kLongestMessage = 2048;
constexpr size_t kLongestQuote = 200;
constexpr int kLongestPause = 24 * 60 * 60;  // seconds
constexpr size_t kMostCauses = 10;

// https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go, type StatusReason
constexpr std::array<std::pair<std::string_view, Kind>, 17> kReasons{{
    {"Unauthorized", Kind::Unauthorized},
    {"Forbidden", Kind::Forbidden},
    {"NotFound", Kind::NotFound},
    {"AlreadyExists", Kind::AlreadyExists},
    {"Conflict", Kind::Conflict},
    {"Gone", Kind::Gone},
    {"Expired", Kind::Gone},
    {"Invalid", Kind::Invalid},
    {"BadRequest", Kind::Invalid},
    {"MethodNotAllowed", Kind::Invalid},
    {"NotAcceptable", Kind::Invalid},
    {"UnsupportedMediaType", Kind::Invalid},
    {"RequestEntityTooLarge", Kind::Invalid},
    {"TooManyRequests", Kind::TooManyRequests},
    {"Timeout", Kind::Timeout},
    {"ServerTimeout", Kind::Timeout},
    {"ServiceUnavailable", Kind::Unavailable},
}};

Kind kindOfCode(int status) {
  switch (status) {
    case 401:
      return Kind::Unauthorized;
    case 403:
      return Kind::Forbidden;
    case 404:
      return Kind::NotFound;
    case 408:
      return Kind::Timeout;
    case 409:
      return Kind::Conflict;
    case 410:
      return Kind::Gone;
    case 429:
      return Kind::TooManyRequests;
    case 504:
      return Kind::Timeout;
    default:
      break;
  }
  if (status >= 500) return Kind::Unavailable;
  return status >= 400 ? Kind::Invalid : Kind::Internal;
}

Kind kindOf(std::string_view reason, int status) {
  for (const auto& [name, kind] : kReasons)
    if (name == reason) return kind;
  return kindOfCode(status);
}

/// At most `most` bytes, without control characters, and not cut within a UTF-8 sequence.
std::string readable(std::string_view s, size_t most) {
  const bool cut = s.size() > most;
  if (cut) {
    while (most > 0 && (static_cast<unsigned char>(s[most]) & 0xC0) == 0x80) --most;
    s = s.substr(0, most);
  }
  std::string out;
  out.reserve(s.size() + 3);
  for (const char c : s) {
    const bool blank = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  if (cut) out += "...";
  return out;
}

std::string text(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::optional<std::chrono::seconds> pause(int64_t seconds) {
  if (seconds <= 0) return std::nullopt;
  return std::chrono::seconds(std::min<int64_t>(seconds, kLongestPause));
}

/// RFC 9110 10.2.3, in its form of seconds; the API server never sends the form of a date.
std::optional<std::chrono::seconds> retryAfter(const http::Headers& headers) {
  const auto value = http::find(headers, "Retry-After");
  if (!value) return std::nullopt;
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), seconds);
  if (error != std::errc() || end != value->data() + value->size()) return std::nullopt;
  return pause(seconds);
}

/// The message, and those causes ("spec.mode: Required value") that it does not repeat already, as it mostly does.
std::string messageOf(const json& status) {
  std::string message = readable(text(status, "message"), kLongestMessage);
  const auto details = status.find("details");
  if (details == status.end() || !details->is_object()) return message;
  const auto causes = details->find("causes");
  if (causes == details->end() || !causes->is_array()) return message;
  size_t n = 0;
  for (const json& cause : *causes) {
    if (!cause.is_object() || ++n > kMostCauses) break;
    const std::string what = readable(text(cause, "message"), kLongestQuote);
    if (what.empty() || message.find(what) != std::string::npos) continue;
    const std::string field = readable(text(cause, "field"), kLongestQuote);
    if (!message.empty()) message += "; ";
    message += field.empty() ? what : field + ": " + what;
  }
  return message;
}

int codeOf(const json& status) {
  const auto it = status.find("code");
  if (it == status.end() || !it->is_number_integer()) return 0;
  const auto code = it->get<int64_t>();
  return code >= 100 && code <= 599 ? static_cast<int>(code) : 0;
}

Error ofStatusObject(const json& status, int httpStatus) {
  Error e;
  const std::string reason = text(status, "reason");
  e.httpStatus = httpStatus != 0 ? httpStatus : codeOf(status);
  e.kind = kindOf(reason, e.httpStatus);
  e.message = messageOf(status);
  if (e.message.empty()) e.message = readable(reason, kLongestQuote);
  if (e.message.empty()) e.message = "the API server gave no reason";
  const auto details = status.find("details");
  if (details != status.end() && details->is_object()) {
    const auto seconds = details->find("retryAfterSeconds");
    if (seconds != details->end() && seconds->is_number_integer()) e.retryAfter = pause(seconds->get<int64_t>());
  }
  return e;
}

json parseStatus(std::string_view body) {
  if (body.size() > kLongestStatus || body.find('{') == std::string_view::npos) return nullptr;
  json j = json::parse(body, nullptr, false);
  return j.is_object() && text(j, "kind") == "Status" ? j : json(nullptr);
}

}  // namespace

Error statusError(int httpStatus, const http::Headers& headers, std::string_view body) {
  const json status = parseStatus(body);
  Error e;
  if (status.is_object()) {
    e = ofStatusObject(status, httpStatus);
  } else {
    const std::string quote = readable(body, kLongestQuote);
    e.kind = kindOfCode(httpStatus);
    e.message = "HTTP status " + std::to_string(httpStatus) + (quote.empty() ? "" : ": " + quote);
    e.httpStatus = httpStatus;
  }
  if (!e.retryAfter) e.retryAfter = retryAfter(headers);
  return e;
}

Error statusError(const http::Response& response) {
  return statusError(response.status, response.headers, response.body);
}

Error statusObjectError(std::string_view body) {
  const json status = parseStatus(body);
  if (!status.is_object()) return internal("expected a Status object, got: " + readable(body, kLongestQuote));
  return ofStatusObject(status, 0);
}

}  // namespace baton::kube
