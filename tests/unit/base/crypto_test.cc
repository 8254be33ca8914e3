#include "base/crypto.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

// FIPS 180-4, RFC 4231 and RFC 2202 give these.
TEST(Crypto, Hashes) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(hmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmacSha1("Jefe", "what do ya want for nothing?")), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hex(hmacSha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

// RFC 4648 section 10.
TEST(Crypto, Base64) {
  for (const auto& [plain, encoded] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(base64(plain), encoded);
    EXPECT_EQ(fromBase64(encoded), plain);
  }
  EXPECT_EQ(base64Url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(fromBase64Url("-__-"), "\xfb\xff\xfe");
  EXPECT_EQ(fromBase64Url("Zg"), "f");
}

TEST(Crypto, WhatIsNotBase64) {
  for (const char* bad : {"Zg", "Zg=", "Z===", "====", "Zm9v ", " Zm9v", "Zm\n9", "Zm9*", "Zg==Zg=="})
    EXPECT_EQ(fromBase64(bad), std::nullopt) << bad;
  for (const char* bad : {"+__-", "Zg==", "Z"}) EXPECT_EQ(fromBase64Url(bad), std::nullopt) << bad;
}

TEST(Crypto, SecretsAreComparedWhole) {
  EXPECT_TRUE(sameSecret("abc", "abc"));
  EXPECT_FALSE(sameSecret("abc", "abd"));
  EXPECT_FALSE(sameSecret("abc", "abcd"));
  EXPECT_FALSE(sameSecret("", "a"));
  EXPECT_TRUE(sameSecret("", ""));
}

TEST(Crypto, RandomBytesDiffer) {
  EXPECT_EQ(randomBytes(32).size(), 32U);
  EXPECT_NE(randomBytes(32), randomBytes(32));
}

}  // namespace
}  // namespace baton
