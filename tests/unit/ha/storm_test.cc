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
    s.well("g" + std::to_string(i));
  }
  s.failed("g9", at(30));
  s.look(20, at(30));
  EXPECT_TRUE(s.raging());
}

TEST(Storm, WhatFailedLongAgoCountsNotThoughItLasts) {
  Storm s({0.5, 10, 60s, 10s});
  fail(s, 0, 9, 0);
  s.look(20, at(0));
  s.failed("g9", at(90));
  fail(s, 0, 9, 90);  // still the same failures
  s.look(20, at(90));
  EXPECT_FALSE(s.raging());
}

TEST(Storm, EndsWhenNoMoreFailThoughItKeepsThoseThatHaveFromGettingWell) {
  Storm s({0.5, 10, 60s, 10s});
  fail(s, 0, 12, 0);
  s.look(20, at(0));
  ASSERT_TRUE(s.raging());
  s.look(20, at(59));
  EXPECT_TRUE(s.raging());
  s.look(20, at(61));
  fail(s, 12, 17, 65);
  s.look(20, at(65));
  s.look(20, at(75));
  EXPECT_TRUE(s.raging()) << "the calm was broken";
  s.look(20, at(126));
  EXPECT_FALSE(s.look(20, at(135)));
  EXPECT_TRUE(s.look(20, at(136)));
  EXPECT_FALSE(s.raging());
}

TEST(Storm, EndsWhenMostHaveComeBackAndDoesNotBeginAnewWithThem) {
  Storm s({0.5, 10, 60s, 10s});
  fail(s, 0, 20, 0);
  s.look(20, at(0));
  for (int i = 3; i < 20; ++i) s.well("g" + std::to_string(i));
  s.look(20, at(1));
  EXPECT_TRUE(s.raging());
  EXPECT_TRUE(s.look(20, at(11)));
  EXPECT_FALSE(s.look(20, at(12)));
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
