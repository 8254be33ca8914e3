#include "http/uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Uri, Decodes) {
  EXPECT_EQ(decode("a%2Fb%20c+d"), "a/b c+d");
  EXPECT_EQ(decode("%e4%BD%a0"), "\xe4\xbd\xa0");
  EXPECT_EQ(decode(""), "");
  for (const char* bad : {"%", "%2", "a%zz", "%2g", "abc%"}) EXPECT_EQ(decode(bad), std::nullopt) << bad;
  EXPECT_EQ(decode("%00")->size(), 1U);
}

TEST(Uri, TakesATargetApart) {
  EXPECT_EQ(splitTarget("/a/b?x=1&y"), (std::pair<std::string_view, std::string_view>("/a/b", "x=1&y")));
  EXPECT_EQ(splitTarget("/a"), (std::pair<std::string_view, std::string_view>("/a", "")));
  EXPECT_EQ(splitTarget("/?a?b").second, "a?b");
}

TEST(Uri, Segments) {
  EXPECT_THAT(*segments("/"), ElementsAre(""));
  EXPECT_THAT(*segments("/a/b%2Fc/"), ElementsAre("a", "b/c", ""));
  EXPECT_THAT(*segments("/a//b"), ElementsAre("a", "", "b"));
  EXPECT_EQ(segments("/a%"), std::nullopt);
}

TEST(Uri, Parameters) {
  EXPECT_THAT(*parameters("a=1&b=x+y%26&c&=d&a=2&&"),
              ElementsAre(Pair("a", "1"), Pair("b", "x y&"), Pair("c", ""), Pair("", "d"), Pair("a", "2")));
  EXPECT_TRUE(parameters("")->empty());
  EXPECT_EQ(parameters("a=%"), std::nullopt);
  EXPECT_EQ(parameter(*parameters("a=1&a=2"), "a"), "1");
  EXPECT_EQ(parameter(*parameters("a=1"), "b"), std::nullopt);
}

TEST(Uri, HostNames) {
  EXPECT_EQ(hostName("Name.Example.com:8443"), "name.example.com");
  EXPECT_EQ(hostName("name"), "name");
  EXPECT_EQ(hostName("[::1]:80"), "[::1]");
  EXPECT_EQ(hostName("[FE80::A]"), "[fe80::a]");
  EXPECT_EQ(hostName(""), "");
}

}  // namespace
}  // namespace baton::http
