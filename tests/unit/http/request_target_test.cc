#include "http/request_target.h"

#include <gtest/gtest.h>

namespace baton::http {
namespace {

TEST(RequestTarget, OriginForm) {
  for (const char* t : {"/", "/a/b?c=d", "/a..b/...", "/%2Fa?x=/../y", "/?"}) {
    const auto read = readTarget(t, Method::Get);
    ASSERT_TRUE(read) << t;
    EXPECT_EQ(read->origin, t);
    EXPECT_FALSE(read->authority);
  }
}

TEST(RequestTarget, OfTheAbsoluteFormTheHostCounts) {
  const auto read = readTarget("https://scc.example.com:8443/a?b", Method::Get);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->origin, "/a?b");
  EXPECT_EQ(read->authority, "scc.example.com:8443");
  EXPECT_EQ(readTarget("HTTP://x", Method::Get)->origin, "/");
  EXPECT_EQ(readTarget("http://x?a=b", Method::Post)->origin, "/?a=b");
}

TEST(RequestTarget, WhatIsNotServed) {
  for (const char* t : {"", "a", "*", "/a#b", "/a/../b", "/a/%2e%2E/b", "/./b", "/a/..", "/\xc3\xa4", "/a b", "/a\x7f",
                        "https:///a", "https://:1/a", "https://u@x/a", "ftp://x/a", "x:443"})
    EXPECT_FALSE(readTarget(t, Method::Get)) << t;
  EXPECT_TRUE(readTarget("*", Method::Options));
}

TEST(RequestTarget, Hosts) {
  for (const char* h :
       {"", "x", "scc.example.com", "scc.example.com:8443", "x:", "127.0.0.1:1", "[::1]", "[::1]:8443", "a%41"})
    EXPECT_TRUE(validHost(h)) << h;
  for (const char* h :
       {"x:port", "x/y", "u@x", "a b", "a, b", "[::1", "[]", "[::1]x", "x:123456", "a%4", "a:1:2", "[x]:1"})
    EXPECT_FALSE(validHost(h)) << h;
}

}  // namespace
}  // namespace baton::http
