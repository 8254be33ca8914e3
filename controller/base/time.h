// Wall time as the API server writes it, and the clock that everything but the pure layers asks.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace baton {

/// Wall time, UTC, in microseconds (Kubernetes' MicroTime).
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
/// Time that never jumps; only differences mean something.
using Steady = std::chrono::steady_clock::time_point;

/// The two clocks behind one door, so that tests can turn them.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  virtual Steady steady() const = 0;
  static const Clock& real();
};

/// RFC 3339 with microseconds, "2026-11-22T04:05:06.123456Z".
std::string formatTime(Time t);
/// RFC 3339 without a fraction, "2026-11-22T04:05:06Z", as metav1.Time is written.
std::string formatTimeSeconds(Time t);
/// "Sun, 06 Nov 1994 08:49:37 GMT": https://www.rfc-editor.org/rfc/rfc9110#http.date
std::string formatHttpTime(Time t);
/// Reads RFC 3339 with or without a fraction, with Z or an offset; nothing when it is not that.
std::optional<Time> parseTime(std::string_view s);

}  // namespace baton
