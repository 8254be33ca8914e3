#include "base/text.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(Text, Utf8) {
  for (const char* good : {"", "abc", "gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xef\xbf\xbd"})
    EXPECT_TRUE(isUtf8(good)) << good;
  // Cut, without a beginning, overlong, a surrogate, too high.
  for (const char* bad :
       {"a\xc3", "\xe2\x82", "\xbf", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3(", "a\xfc"})
    EXPECT_FALSE(isUtf8(bad)) << bad;
}

TEST(Text, FirstCharacter) {
  EXPECT_EQ(firstCharacter("ab").code, 'a');
  EXPECT_EQ(firstCharacter("\xf0\x9f\x98\x80"
                           "b")
                .code,
            0x1F600U);
  EXPECT_EQ(firstCharacter("\xf0\x9f\x98\x80"
                           "b")
                .size,
            4U);
  EXPECT_EQ(firstCharacter("\x80").size, 0U);
}

}  // namespace
}  // namespace baton
