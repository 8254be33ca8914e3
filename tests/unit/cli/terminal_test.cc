#include "cli/terminal.h"

#include <gtest/gtest.h>

namespace baton::cli {
namespace {

using namespace std::chrono_literals;

TEST(TableText, ColumnsStandUnderEachOther) {
  Table t;
  t.add({"redis-0", "primary", "ready"});
  t.add({"a", "b", "c"});
  EXPECT_EQ(t.text(), "redis-0  primary  ready\na        b        c\n");
}

TEST(TableText, ColoursAndLettersOfSeveralBytesTakeTheRoomThatTheyShow) {
  const Paint paint(true);
  Table t;
  t.add({paint(Ink::Bad, "└─ ü"), "x"});
  t.add({"abcd", "y"});
  EXPECT_EQ(t.text(), "\033[31m└─ ü\033[0m  x\nabcd  y\n");
}

TEST(PaintText, IsPlainWithoutColours) { EXPECT_EQ(Paint(false)(Ink::Bad, "x"), "x"); }

TEST(Ages, AreShort) {
  const Time now{1'000'000s};
  EXPECT_EQ(age(now - 5s, now), "5s");
  EXPECT_EQ(age(now - 600s, now), "10m");
  EXPECT_EQ(age(now - 3h - 12min, now), "3h12m");
  EXPECT_EQ(age(now - 75h, now), "3d");
  EXPECT_EQ(age(now + 30s, now), "in 30s");
}

TEST(Durations, AreShort) {
  EXPECT_EQ(duration(350ms), "350 ms");
  EXPECT_EQ(duration(1340ms), "1.3 s");
  EXPECT_EQ(duration(125s), "2 min 5 s");
}

}  // namespace
}  // namespace baton::cli
