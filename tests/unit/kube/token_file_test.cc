#include "kube/token_file.h"

#include <gtest/gtest.h>

#include "kube/base64.h"
#include "kube/file.h"
#include "unit/kube/manual_clock.h"
#include "unit/kube/temp_dir.h"

namespace baton::kube {
namespace {

using namespace std::chrono_literals;

class TokenFileTest : public testing::Test {
 protected:
  Credential now(Authenticator& a) {
    Credential c;
    a.credential([&](Result<Credential> r) { c = r ? *r : Credential{"error: " + r.error().message, 0}; });
    return c;
  }
  TempDir dir;
  ManualClock clock;
};

TEST_F(TokenFileTest, FollowsTheFile) {
  const auto a = tokenFile(dir.write("token", "one\n"), {}, clock);
  const Credential first = now(*a);
  EXPECT_EQ(first.authorization, "Bearer one");
  dir.write("token", "two\n");
  clock.advance(1s);
  const Credential second = now(*a);
  EXPECT_EQ(second.authorization, "Bearer two");
  EXPECT_NE(first.serial, second.serial);
}

TEST_F(TokenFileTest, IsNotLookedAtForEachRequest) {
  const auto a = tokenFile(dir.write("token", "one"), {}, clock);
  EXPECT_EQ(now(*a).authorization, "Bearer one");
  dir.write("token", "two");
  clock.advance(999ms);
  EXPECT_EQ(now(*a).authorization, "Bearer one");
}

TEST_F(TokenFileTest, IsReadAgainEachMinuteEvenIfItLooksTheSame) {
  const std::string path = dir.write("token", "one");
  const auto a = tokenFile(path, {}, clock);
  EXPECT_EQ(now(*a).authorization, "Bearer one");
  const auto time = std::filesystem::last_write_time(path);
  {
    std::fstream same(path, std::ios::in | std::ios::out);
    same << "two";
  }
  std::filesystem::last_write_time(path, time);
  clock.advance(30s);
  EXPECT_EQ(now(*a).authorization, "Bearer one");
  clock.advance(31s);
  EXPECT_EQ(now(*a).authorization, "Bearer two");
}

TEST_F(TokenFileTest, KeepsTheLastTokenWhenTheFileIsGone) {
  const std::string path = dir.write("token", "one");
  const auto a = tokenFile(path, {}, clock);
  EXPECT_EQ(now(*a).authorization, "Bearer one");
  std::filesystem::remove(path);
  clock.advance(2min);
  EXPECT_EQ(now(*a).authorization, "Bearer one");
  dir.write("token", "");
  clock.advance(2min);
  EXPECT_EQ(now(*a).authorization, "Bearer one");
}

TEST_F(TokenFileTest, ARefusedTokenIsLookedUpAtOnce) {
  const auto a = tokenFile(dir.write("token", "one"), {}, clock);
  const Credential first = now(*a);
  EXPECT_FALSE(a->refused(first.serial)) << "nothing new to try";
  dir.write("token", "two");
  EXPECT_TRUE(a->refused(first.serial));
  EXPECT_EQ(now(*a).authorization, "Bearer two");
}

TEST_F(TokenFileTest, BadTokensAreErrorsThatDoNotQuoteThem) {
  for (const char* text : {"  \n", "a b", "s3cret\r\nX-Evil: 1", "\xc3\xa4"}) {
    const auto a = tokenFile(dir.write("token", text), {}, clock);
    const std::string said = now(*a).authorization;
    EXPECT_EQ(said.find("error: " + dir.path("token")), 0u) << said;
    EXPECT_EQ(said.find("s3cret"), std::string::npos) << said;
  }
}

TEST_F(TokenFileTest, AppearsLater) {
  const auto a = tokenFile(dir.path("token"), {}, clock);
  EXPECT_EQ(now(*a).authorization.find("error: token file: cannot read"), 0u);
  dir.write("token", "one");
  EXPECT_EQ(now(*a).authorization, "Bearer one");
}

TEST_F(TokenFileTest, ADirectoryIsNoFile) {
  EXPECT_FALSE(readFile(dir.path(), 10).ok());
  dir.write("f", "12345678901");
  EXPECT_FALSE(readFile(dir.path("f"), 10).ok());
  EXPECT_EQ(*readFile(dir.path("f"), 11), "12345678901");
}

TEST(Base64, ThereAndBack) {
  for (const char* s : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
    EXPECT_EQ(base64Decode(base64Encode(s)), std::string(s));
  EXPECT_EQ(base64Encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64Encode("\xff\xfe"), "//4=");
  EXPECT_EQ(base64Decode("Zm9v\nYg==\r\n"), "foob");
}

TEST(Base64, WhatIsNot) {
  for (const char* s :
       {"a", "ab", "abc", "a===", "====", "ab=c", "ab==c", "ab===", "a b=", "-_-_", "Zm9vYg", "abc=abc="})
    EXPECT_FALSE(base64Decode(s)) << s;
}

}  // namespace
}  // namespace baton::kube
