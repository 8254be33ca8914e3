#include "ha/storm.h"

#include <gtest/gtest.h>

namespace baton::ha {
namespace {

using namespace std::chrono_literals;

Steady at(int seconds) { return Steady(std::chrono::seconds(1000 + seconds)); }

void fail(Storm& s, int from, int to, int when) {
  for (int i = from; i < to; ++i) s.failed("g" + std::to_string(i), at(when));
}

TEST(Storm, BeginsWithTheShareAndNotWithTheNumberAlone) {
  Storm s({0.5, 10, 60s, 10s});
  fail(s, 0, 49, 0);
  EXPECT_FALSE(s.look(100, at(0)));
  fail(s, 49, 50, 0);
  EXPECT_TRUE(s.look(100, at(0)));
  EXPECT_TRUE(s.raging());
  EXPECT_NE(s.detail().find("50 of 100 groups"), std::string::npos) << s.detail();
}

TEST(Storm, AFewGroupsAreNone) {
  Storm s({0.5, 10, 60s, 10s});
  fail(s, 0, 9, 0);
  s.look(9, at(0));
  EXPECT_FALSE(s.raging());
}

TEST(Storm, CountsWhatFailedWithinTheWindowThoughItIsWellAgain) {
  Storm s({0.5, 10, 60s, 10s});
  for (int i = 0; i < 9; ++i) {
    s.failed("g" + std::to_string(i), at(i));
    s.well("g" + std::to_string(i), at(i));
  }
  s.failed("g9", at(30));
  s.look(20, at(30));
  EXPECT_TRUE(s.raging());
  Storm later({0.5, 10, 60s, 10s});
  fail(later, 0, 9, 0);
  for (int i = 0; i < 9; ++i) later.well("g" + std::to_string(i), at(1));
  later.failed("g9", at(90));
  later.look(20, at(90));
  EXPECT_FALSE(later.raging()) << "the others failed more than a window ago";
}

TEST(Storm, EndsWhenFewAreFailedForLongEnough) {
  Storm s({0.5, 10, 60s, 10s});
  fail(s, 0, 12, 0);
  s.look(20, at(0));
  ASSERT_TRUE(s.raging());
  for (int i = 0; i < 6; ++i) s.well("g" + std::to_string(i), at(5));
  s.look(20, at(5));
  s.look(20, at(100));
  EXPECT_TRUE(s.raging()) << "6 are more than half of the limit of 10";
  for (int i = 6; i < 8; ++i) s.well("g" + std::to_string(i), at(100));
  s.look(20, at(101));
  s.failed("g0", at(105));
  s.look(20, at(105));
  s.look(20, at(112));
  EXPECT_TRUE(s.raging()) << "the calm was broken";
  s.well("g0", at(113));
  s.look(20, at(113));
  EXPECT_FALSE(s.look(20, at(122)));
  EXPECT_TRUE(s.look(20, at(123)));
  EXPECT_FALSE(s.raging());
}

TEST(Storm, CanBeSwitchedOff) {
  Storm s({0, 1, 60s, 10s});
  fail(s, 0, 100, 0);
  EXPECT_FALSE(s.look(100, at(0)));
  EXPECT_FALSE(s.raging());
}

TEST(Storm, AGroupThatIsGoneCountsNoMore) {
  Storm s({0.5, 2, 60s, 10s});
  s.failed("a", at(0));
  s.forget("a");
  s.failed("b", at(0));
  s.look(2, at(0));
  EXPECT_FALSE(s.raging());
}

}  // namespace
}  // namespace baton::ha
