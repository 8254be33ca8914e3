#include <gtest/gtest.h>

#include "http/message.h"
#include "http/status_error.h"
#include "http/url.h"

namespace baton::http {
namespace {

TEST(Message, NamesOfMethods) {
  EXPECT_STREQ(name(Method::Get), "GET");
  EXPECT_STREQ(name(Method::Options), "OPTIONS");
}

TEST(Message, MethodsByTheirNames) {
  EXPECT_EQ(methodNamed("PATCH"), Method::Patch);
  EXPECT_EQ(methodNamed("TRACE"), Method::Trace);
  EXPECT_EQ(methodNamed("CONNECT"), Method::Connect);
  for (const char* registered : {"PROPFIND", "ACL", "VERSION-CONTROL", "QUERY"})
    EXPECT_EQ(methodNamed(registered), Method::Other) << registered;
  for (const char* unknown : {"", "get", "Trace", "GETS", "OTHER", "NOTIFY", "*"})
    EXPECT_EQ(methodNamed(unknown), std::nullopt) << unknown;
}

TEST(Message, HeadersAreFoundWithoutRegardToCase) {
  const Headers headers{{"Content-Type", "a"}, {"X-Y", "b"}, {"x-y", "c"}};
  EXPECT_EQ(find(headers, "content-TYPE"), "a");
  EXPECT_EQ(find(headers, "x-y"), "b");
  EXPECT_EQ(find(headers, "x-yz"), std::nullopt);
}

TEST(Message, EncodesAllButUnreserved) {
  EXPECT_EQ(encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(encode("a b/c+d%\xc3\xa9"), "a%20b%2Fc%2Bd%25%C3%A9");
}

TEST(StatusError, KindByStatus) {
  EXPECT_EQ(statusError(401, {}, "").kind, Error::Kind::Unauthorized);
  EXPECT_EQ(statusError(403, {}, "").kind, Error::Kind::Forbidden);
  EXPECT_EQ(statusError(404, {}, "").kind, Error::Kind::NotFound);
  EXPECT_EQ(statusError(409, {}, "").kind, Error::Kind::Conflict);
  EXPECT_EQ(statusError(410, {}, "").kind, Error::Kind::Gone);
  EXPECT_EQ(statusError(429, {}, "").kind, Error::Kind::TooManyRequests);
  EXPECT_EQ(statusError(503, {}, "").kind, Error::Kind::Unavailable);
  EXPECT_EQ(statusError(422, {}, "").kind, Error::Kind::Invalid);
  EXPECT_EQ(statusError(302, {}, "").kind, Error::Kind::Invalid);
}

TEST(StatusError, HoldsStatusBodyAndRetryAfter) {
  const Error e = statusError(429, {{"retry-after", "7"}}, "slow down");
  EXPECT_EQ(e.httpStatus, 429);
  EXPECT_EQ(e.message, "slow down");
  EXPECT_EQ(e.retryAfter, std::chrono::seconds(7));
  EXPECT_EQ(statusError(503, {{"Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"}}, "").retryAfter, std::nullopt);
  EXPECT_EQ(statusError(503, {{"Retry-After", "-1"}}, "").retryAfter, std::nullopt);
  EXPECT_EQ(statusError(503, {}, "").message, "HTTP status 503");
}

TEST(WellFormed, RefusesWhatWouldBreakOutOfAHeader) {
  EXPECT_TRUE(wellFormed({{"X-A", "b c\td"}, {"X-B", ""}}));
  EXPECT_FALSE(wellFormed({{"X-A", "b\r\nX-C: d"}}));
  EXPECT_FALSE(wellFormed({{"X-A", std::string("b\0c", 3)}}));
  EXPECT_FALSE(wellFormed({{"X A", "b"}}));
  EXPECT_FALSE(wellFormed({{"X-A:", "b"}}));
  EXPECT_FALSE(wellFormed({{"", "b"}}));
}

TEST(ParseUrl, SchemeHostPort) {
  const auto u = parseUrl("https://10.240.0.1:6443/");
  ASSERT_TRUE(u.ok());
  EXPECT_TRUE(u->tls);
  EXPECT_TRUE(u->literal);
  EXPECT_EQ(u->host, "10.240.0.1");
  EXPECT_EQ(u->port, 6443);
  EXPECT_EQ(u->authority(), "10.240.0.1:6443");
}

TEST(ParseUrl, PortOfTheScheme) {
  EXPECT_EQ(parseUrl("http://a.example")->port, 80);
  EXPECT_EQ(parseUrl("https://a.example")->port, 443);
  EXPECT_EQ(parseUrl("https://a.example:443")->authority(), "a.example");
  EXPECT_EQ(parseUrl("http://a.example:443")->authority(), "a.example:443");
}

TEST(ParseUrl, Ipv6) {
  const auto u = parseUrl("https://[fd00::1]:6443");
  ASSERT_TRUE(u.ok());
  EXPECT_EQ(u->host, "fd00::1");
  EXPECT_TRUE(u->literal);
  EXPECT_EQ(u->authority(), "[fd00::1]:6443");
}

TEST(ParseUrl, RefusesTheRest) {
  for (const char* bad : {"", "a.example", "ftp://a", "http://", "http://a:", "http://a:70000", "http://a:1x",
                          "http://a/b", "http://u@a", "http://[::1", "http://[a]:1", "http://a b", "http://::1"})
    EXPECT_FALSE(parseUrl(bad).ok()) << bad;
}

}  // namespace
}  // namespace baton::http
