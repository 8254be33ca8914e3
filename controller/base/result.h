// A value or an error that says what failed, on what, and what to do. Used instead of exceptions across layers.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace baton {

struct Error {
  enum class Kind {
    Invalid,          // the input is wrong: trying again does not help
    NotFound,         // 404
    AlreadyExists,    // 409, reason AlreadyExists
    Conflict,         // 409: the object has changed; read it again
    Forbidden,        // 403
    Unauthorized,     // 401
    Gone,             // 410: resourceVersion or continue token too old
    TooManyRequests,  // 429; retryAfter may be set
    Timeout,          // no answer in time: whether it took effect is not known
    Unavailable,      // connection refused or lost, 5xx: whether it took effect may not be known
    Cancelled,        // by ourselves
    Internal,         // anything else
  };
  Kind kind = Kind::Internal;
  std::string message;                             // a sentence for a person; never holds a secret
  std::optional<std::chrono::seconds> retryAfter;  // what the server asked for
  int httpStatus = 0;                              // 0: the error is not an HTTP answer
  bool refused = false;                            // nobody listens there: said at once, by the host or its network

  /// The same error with "context: " in front of its message.
  Error within(const std::string& context) && {
    message = context + ": " + message;
    return std::move(*this);
  }
};

inline Error invalid(std::string message) { return {Error::Kind::Invalid, std::move(message), {}, 0}; }
inline Error unavailable(std::string message) { return {Error::Kind::Unavailable, std::move(message), {}, 0}; }
inline Error timedOut(std::string message) { return {Error::Kind::Timeout, std::move(message), {}, 0}; }
inline Error cancelled(std::string message) { return {Error::Kind::Cancelled, std::move(message), {}, 0}; }
inline Error internal(std::string message) { return {Error::Kind::Internal, std::move(message), {}, 0}; }
inline Error conflict(std::string message) { return {Error::Kind::Conflict, std::move(message), {}, 0}; }
inline Error notFound(std::string message) { return {Error::Kind::NotFound, std::move(message), {}, 0}; }

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return v_.index() == 0; }
  explicit operator bool() const { return ok(); }
  /// Precondition: ok(); else throws std::bad_variant_access.
  const T& value() const& { return std::get<0>(v_); }
  T& value() & { return std::get<0>(v_); }
  T&& value() && { return std::get<0>(std::move(v_)); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  /// Precondition: !ok().
  const Error& error() const& { return std::get<1>(v_); }
  Error&& error() && { return std::get<1>(std::move(v_)); }

 private:
  std::variant<T, Error> v_;
};

struct Ok {};

/// An operation without a value: Status s = Ok{};
using Status = Result<Ok>;

}  // namespace baton
