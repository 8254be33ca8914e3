// HTTP requests and responses as values; what facades, mechanisms and kube exchange with the transports.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton::http {

/// Other: another one that is registered, of WebDAV for example.
enum class Method { Get, Head, Post, Put, Patch, Delete, Options, Trace, Connect, Other };
const char* name(Method m);  // "GET"; "OTHER"
/// Nothing: it is not registered. https://www.iana.org/assignments/http-methods
std::optional<Method> methodNamed(std::string_view name);

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The first header of that name, compared without case; nothing when there is none.
std::optional<std::string_view> find(const Headers& headers, std::string_view name);

struct Request {
  Method method = Method::Get;
  std::string target;  // path and query, percent-encoded: "/api/v1/pods?limit=5"
  Headers headers;
  std::string body;
  /// The whole exchange ends by then, with Error::Kind::Timeout. For a stream: the longest silence allowed.
  std::chrono::milliseconds timeout{30000};
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

/// Percent-encodes all but RFC 3986 unreserved characters.
std::string encode(std::string_view s);

}  // namespace baton::http
