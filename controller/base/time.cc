#include "base/time.h"

#include <cstdint>
#include <cstdio>

namespace baton {
namespace {

class RealClock final : public Clock {
 public:
  Time now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
  Steady steady() const override { return std::chrono::steady_clock::now(); }
};

struct Civil {
  int year;
  unsigned month, day;
  int hour, minute, second;
  int micros;
};

Civil civil(Time t) {
  using namespace std::chrono;
  const auto day = floor<days>(t);
  const year_month_day ymd(day);
  const hh_mm_ss<microseconds> hms(t - day);
  return {static_cast<int>(ymd.year()),
          static_cast<unsigned>(ymd.month()),
          static_cast<unsigned>(ymd.day()),
          static_cast<int>(hms.hours().count()),
          static_cast<int>(hms.minutes().count()),
          static_cast<int>(hms.seconds().count()),
          static_cast<int>(hms.subseconds().count())};
}

/// Reads exactly n digits at pos and moves on; -1 when there are none.
int digits(std::string_view s, size_t& pos, size_t n) {
  if (pos + n > s.size()) return -1;
  int v = 0;
  for (size_t i = 0; i < n; ++i) {
    const char c = s[pos + i];
    if (c < '0' || c > '9') return -1;
    v = v * 10 + (c - '0');
  }
  pos += n;
  return v;
}

bool skip(std::string_view s, size_t& pos, char a, char b) {
  if (pos >= s.size() || (s[pos] != a && s[pos] != b)) return false;
  ++pos;
  return true;
}

/// ".123" and the like as microseconds; digits past the sixth are dropped. Nothing when there is no digit.
std::optional<int> fraction(std::string_view s, size_t& pos) {
  if (pos >= s.size() || s[pos] != '.') return 0;
  int micros = 0, n = 0;
  for (++pos; pos < s.size() && s[pos] >= '0' && s[pos] <= '9'; ++pos, ++n)
    if (n < 6) micros = micros * 10 + (s[pos] - '0');
  if (n == 0) return std::nullopt;
  for (; n < 6; ++n) micros *= 10;
  return micros;
}

std::optional<std::chrono::minutes> offset(std::string_view s, size_t& pos) {
  if (skip(s, pos, 'Z', 'z')) return std::chrono::minutes(0);
  const bool minus = pos < s.size() && s[pos] == '-';
  if (!skip(s, pos, '+', '-')) return std::nullopt;
  const int h = digits(s, pos, 2);
  if (h < 0 || h > 23 || !skip(s, pos, ':', ':')) return std::nullopt;
  const int m = digits(s, pos, 2);
  if (m < 0 || m > 59) return std::nullopt;
  const std::chrono::minutes d(h * 60 + m);
  return minus ? -d : d;
}

}  // namespace

const Clock& Clock::real() {
  static const RealClock clock;
  return clock;
}

std::string formatTime(Time t) {
  const Civil c = civil(t);
  char b[64];
  std::snprintf(b, sizeof b, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day, c.hour, c.minute, c.second,
                c.micros);
  return b;
}

std::string formatTimeSeconds(Time t) {
  const Civil c = civil(t);
  char b[64];
  std::snprintf(b, sizeof b, "%04d-%02u-%02uT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute, c.second);
  return b;
}

std::string formatHttpTime(Time t) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(t);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d GMT", kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon],
           utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return text;
}

std::optional<Time> parseTime(std::string_view s) {
  using namespace std::chrono;
  size_t p = 0;
  const int y = digits(s, p, 4);
  if (y < 0 || !skip(s, p, '-', '-')) return std::nullopt;
  const int mo = digits(s, p, 2);
  if (mo < 0 || !skip(s, p, '-', '-')) return std::nullopt;
  const int d = digits(s, p, 2);
  if (d < 0 || !skip(s, p, 'T', 't')) return std::nullopt;
  const int h = digits(s, p, 2);
  if (h < 0 || h > 23 || !skip(s, p, ':', ':')) return std::nullopt;
  const int mi = digits(s, p, 2);
  if (mi < 0 || mi > 59 || !skip(s, p, ':', ':')) return std::nullopt;
  const int sec = digits(s, p, 2);
  if (sec < 0 || sec > 60) return std::nullopt;
  const auto frac = fraction(s, p);
  if (!frac) return std::nullopt;
  const auto off = offset(s, p);
  if (!off || p != s.size()) return std::nullopt;
  const year_month_day ymd(year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d)));
  if (!ymd.ok()) return std::nullopt;
  return Time(sys_days(ymd).time_since_epoch() + hours(h) + minutes(mi) + seconds(sec) + microseconds(*frac) - *off);
}

}  // namespace baton
