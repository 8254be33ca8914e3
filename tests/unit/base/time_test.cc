#include "base/time.h"

#include <gtest/gtest.h>

#include <random>

namespace baton {
namespace {

TEST(TimeText, ComesBack) {
  std::mt19937_64 random(1);
  // From year 0001 to 9999, in microseconds since 1970.
  std::uniform_int_distribution<int64_t> any(-62135596800000000LL, 253402300799999999LL);
  for (int i = 0; i < 50000; ++i) {
    const Time t{std::chrono::microseconds(any(random))};
    ASSERT_EQ(parseTime(formatTime(t)), t) << formatTime(t);
    ASSERT_EQ(parseTime(formatTimeSeconds(t)), std::chrono::floor<std::chrono::seconds>(t)) << formatTimeSeconds(t);
  }
}

TEST(TimeText, ReadsRfc3339) {
  const Time t = *parseTime("2026-11-22T04:05:06Z");
  EXPECT_EQ(formatTime(t), "2026-11-22T04:05:06.000000Z");
  EXPECT_EQ(parseTime("2026-11-22t04:05:06z"), t);
  EXPECT_EQ(parseTime("2026-11-22T06:35:06+02:30"), t);
  EXPECT_EQ(parseTime("2026-11-21T23:05:06-05:00"), t);
  EXPECT_EQ(parseTime("2026-11-22T04:05:06.5Z"), t + std::chrono::milliseconds(500));
  EXPECT_EQ(parseTime("2026-11-22T04:05:06.1234569Z"), t + std::chrono::microseconds(123456));
  EXPECT_EQ(parseTime("2024-02-29T00:00:00Z").has_value(), true);
  EXPECT_EQ(parseTime("2016-12-31T23:59:60Z"), parseTime("2017-01-01T00:00:00Z"));
}

TEST(TimeText, RefusesTheRest) {
  for (const char* s :
       {"", "2026", "2026-11-22", "2026-11-22T04:05:06", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "2025-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T04:60:00Z", "2026-11-22T04:05:61Z",
        "2026-11-22T04:05:06.Z", "2026-11-22T04:05:06+2:00", "2026-11-22T04:05:06+24:00", "2026-11-22T04:05:06Zx",
        " 2026-11-22T04:05:06Z", "-026-11-22T04:05:06Z", "2026-11-22 04:05:06Z", "2026-11-22T04:05:06+00:0"})
    EXPECT_FALSE(parseTime(s).has_value()) << s;
}

TEST(TimeText, EveryByteChangedIsSurvived) {
  const std::string good = "2026-11-22T04:05:06.123456+01:00";
  for (size_t i = 0; i < good.size(); ++i)
    for (int c = 0; c < 256; ++c) {
      std::string s = good;
      s[i] = static_cast<char>(c);
      ASSERT_NO_THROW((void)parseTime(s));
    }
}

TEST(Clock, TheRealOneMoves) {
  const Time a = Clock::real().now();
  EXPECT_GE(a, *parseTime("2026-01-01T00:00:00Z"));
  const Steady b = Clock::real().steady();
  EXPECT_LE(b, Clock::real().steady());
}

}  // namespace
}  // namespace baton
