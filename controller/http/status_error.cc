#include "http/status_error.h"

#include <algorithm>
#include <charconv>

namespace baton::http {
namespace {

Error::Kind kindOf(int status) {
  switch (status) {
    case 401:
      return Error::Kind::Unauthorized;
    case 403:
      return Error::Kind::Forbidden;
    case 404:
      return Error::Kind::NotFound;
    case 409:
      return Error::Kind::Conflict;
    case 410:
      return Error::Kind::Gone;
    case 429:
      return Error::Kind::TooManyRequests;
    default:
      return status >= 500 ? Error::Kind::Unavailable : Error::Kind::Invalid;
  }
}

std::optional<std::chrono::seconds> retryAfter(const Headers& headers) {
  const auto value = find(headers, "Retry-After");
  if (!value) return std::nullopt;
  int seconds = 0;
  const char* end = value->data() + value->size();
  const auto [stop, error] = std::from_chars(value->data(), end, seconds);
  if (error != std::errc() || stop != end || seconds < 0) return std::nullopt;  // a date: not worth a parser
  return std::chrono::seconds(seconds);
}

// RFC 9110, 5.6.2
bool tokenChar(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool valueChar(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 32 && c != 127); }

}  // namespace

Error statusError(int status, const Headers& headers, std::string_view body) {
  Error e;
  e.kind = kindOf(status);
  e.message = body.empty() ? "HTTP status " + std::to_string(status) : std::string(body);
  e.retryAfter = retryAfter(headers);
  e.httpStatus = status;
  return e;
}

bool wellFormed(const Headers& headers) {
  return std::all_of(headers.begin(), headers.end(), [](const auto& header) {
    return !header.first.empty() && std::all_of(header.first.begin(), header.first.end(), tokenChar) &&
           std::all_of(header.second.begin(), header.second.end(), valueChar);
  });
}

}  // namespace baton::http
