// HTTP requests and responses as values; what facades, mechanisms and kube exchange with the transports.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
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

/// A body that is sent as it comes to be. Thread-safe.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  /// False: the connection has ended, or too much waits for its client and it is ended for that. Nothing is taken then.
  /// A text that goes to many is held once.
  virtual bool send(std::shared_ptr<const std::string> bytes) = 0;
  /// Bytes that were taken and wait to be sent.
  virtual size_t waiting() const = 0;
  /// No more will come: the connection ends when all has been sent.
  virtual void finish() = 0;
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
  /// Of a server: called once, when the head is sent, with where the rest of the body goes.
  std::function<void(std::shared_ptr<BodyStream>)> stream = nullptr;
};

/// Percent-encodes all but RFC 3986 unreserved characters.
std::string encode(std::string_view s);

}  // namespace baton::http
