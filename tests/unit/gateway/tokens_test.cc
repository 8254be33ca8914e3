#include "gateway/tokens.h"

#include <gtest/gtest.h>

namespace baton::gateway {
namespace {

const Time kNow = *parseTime("2026-01-01T00:00:00Z");
const Session kSession{"admin", "sbc", kNow + std::chrono::minutes(10)};

TEST(Tokens, SayWhatTheySaid) {
  const std::string token = signToken(kSession, "0123456789abcdef", "key");
  Session read;
  EXPECT_EQ(readToken(token, "key", kNow, read), TokenFault::None);
  EXPECT_EQ(read.user, "admin");
  EXPECT_EQ(read.path, "sbc");
  EXPECT_EQ(read.expires, kSession.expires);
}

TEST(Tokens, Expire) {
  const std::string token = signToken(kSession, "r", "key");
  Session read;
  EXPECT_EQ(readToken(token, "key", kSession.expires - std::chrono::seconds(1), read), TokenFault::None);
  EXPECT_EQ(readToken(token, "key", kSession.expires, read), TokenFault::Expired);
}

TEST(Tokens, OfAnotherKeyAreWrong) {
  Session read;
  EXPECT_EQ(readToken(signToken(kSession, "r", "key"), "another", kNow, read), TokenFault::Wrong);
}

TEST(Tokens, EveryChangedByteIsWrong) {
  const std::string token = signToken(kSession, "r", "key");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    Session read;
    EXPECT_NE(readToken(changed, "key", kNow, read), TokenFault::None) << i;
  }
}

TEST(Tokens, OthersAreNotOurs) {
  Session read;
  for (const char* token : {"", "abc", "bt1.", "x.y", "eyJhbGciOi.e30.sig"})
    EXPECT_EQ(readToken(token, "key", kNow, read), TokenFault::NotOurs) << token;
}

TEST(Tokens, NoTwoAreEqual) {
  EXPECT_NE(signToken(kSession, "random one", "key"), signToken(kSession, "random two", "key"));
}

}  // namespace
}  // namespace baton::gateway
