// Who is let in, and what each of the others is told.
#include "gateway/authenticator.h"

#include <crypt.h>
#include <gtest/gtest.h>

#include <future>

#include "base/crypto.h"
#include "unit/kube/manual_clock.h"

namespace baton::gateway {
namespace {

using facades::AuthFault;

/// A bcrypt hash of the least cost: quick, for tests.
std::string hashOf(const std::string& password) {
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  crypt_gensalt_rn("$2b$", 4, "0123456789abcdef", 16, setting, sizeof setting);
  crypt_data data{};
  return crypt_r(password.c_str(), setting, &data);
}

class Auth : public testing::Test {
 protected:
  Auth() {
    const std::string digest = hex(sha256("static-token"));
    const auto parsed = parseCredentials("users:\n- name: admin\n  passwordHash: '" + hashOf("correct horse") +
                                             "'\n  kubernetesUser: baton:admin\n"
                                             "  accessKeys: [{id: AK, secret: SK}]\n  tokens: [{sha256: " +
                                             digest +
                                             "}]\n"
                                             "- {name: tokenless, kubernetesUser: x}\n",
                                         "f");
    EXPECT_TRUE(parsed) << parsed.error().message;
    auth_.replace(*parsed);
  }
  std::variant<Caller, Unproved> prove(const facades::Claim& claim, std::string_view path = "hcx") {
    std::promise<std::variant<Caller, Unproved>> answer;
    auth_.prove(claim, path, "10.0.0.1", [&](auto result) { answer.set_value(std::move(result)); });
    return answer.get_future().get();
  }
  AuthFault fault(const facades::Claim& claim, std::string_view path = "hcx") {
    const auto answer = prove(claim, path);
    const auto* no = std::get_if<Unproved>(&answer);
    return no ? no->fault : AuthFault::None;
  }
  facades::SignatureClaim signature(const std::string& nonce, const std::string& secret = "SK") {
    const auto sign = [nonce](const std::string& s) { return hex(hmacSha256(s, nonce)); };
    return {"AK", sign(secret), sign, "text of " + nonce, clock_.now(), nonce};
  }

  kube::ManualClock clock_;
  Timers timers_;
  Authenticator auth_{clock_, timers_};
};

TEST_F(Auth, Passwords) {
  EXPECT_EQ(std::get<Caller>(prove(facades::PasswordClaim{"admin", "correct horse"})).user->kubernetesUser,
            "baton:admin");
  EXPECT_EQ(std::get<Caller>(prove(facades::PasswordClaim{"admin", "correct horse"})).user->name, "admin")
      << "remembered";
  for (const auto& [user, password] : std::vector<std::pair<std::string, std::string>>{
           {"admin", "wrong"}, {"nobody", "correct horse"}, {"tokenless", ""}})
    EXPECT_EQ(fault(facades::PasswordClaim{user, password}), AuthFault::Wrong) << user;
  EXPECT_EQ(fault(facades::PasswordClaim{"admin", std::string("correct horse\0x", 15)}), AuthFault::Wrong);
}

TEST_F(Auth, TokensOfALogInAreGoodForTheirPathAndTime) {
  const auto admin = auth_.credentials()->users.at("admin");
  const std::string token = auth_.issue(*admin, "hcx", clock_.now() + std::chrono::minutes(10));
  EXPECT_EQ(fault(facades::TokenClaim{token}), AuthFault::None);
  EXPECT_EQ(fault(facades::TokenClaim{token}, "sbc"), AuthFault::Wrong);
  clock_.advance(std::chrono::minutes(10));
  EXPECT_EQ(fault(facades::TokenClaim{token}), AuthFault::Expired);
}

TEST_F(Auth, TokensEndWithTheirCredentials) {
  const std::string token =
      auth_.issue(*auth_.credentials()->users.at("admin"), "hcx", clock_.now() + std::chrono::minutes(10));
  auth_.replace(*parseCredentials("users: [{name: admin, kubernetesUser: baton:admin}]", "f"));
  EXPECT_EQ(fault(facades::TokenClaim{token}), AuthFault::Wrong);
}

TEST_F(Auth, StaticTokens) {
  EXPECT_EQ(fault(facades::TokenClaim{"static-token"}), AuthFault::None);
  EXPECT_EQ(fault(facades::TokenClaim{"static-token "}), AuthFault::Wrong);
  EXPECT_EQ(fault(facades::TokenClaim{""}), AuthFault::Wrong);
}

TEST_F(Auth, Signatures) {
  EXPECT_EQ(fault(signature("n1")), AuthFault::None);
  const std::string nonce = std::get<Caller>(prove(signature("n1"))).nonce;
  EXPECT_EQ(auth_.use(nonce), Nonces::Use::First);
  EXPECT_EQ(auth_.use(nonce), Nonces::Use::Again);
  auto unknown = signature("n2");
  unknown.keyId = "AK2";
  EXPECT_EQ(fault(unknown), AuthFault::Unknown);
  const auto wrong = prove(signature("n3", "another"));
  EXPECT_EQ(std::get<Unproved>(wrong).fault, AuthFault::Wrong);
  EXPECT_EQ(std::get<Unproved>(wrong).signedText, "text of n3");
  EXPECT_EQ(fault(signature("n3")), AuthFault::None) << "a wrong one uses nothing up";
}

TEST_F(Auth, SignaturesOfAnotherTime) {
  auto claim = signature("n");
  claim.date = clock_.now() - kSignatureAge - std::chrono::seconds(1);
  EXPECT_EQ(fault(claim), AuthFault::Stale);
  claim.date = clock_.now() + kSignatureAge + std::chrono::seconds(1);
  EXPECT_EQ(fault(claim), AuthFault::Stale);
  claim.date = std::nullopt;
  EXPECT_EQ(fault(claim), AuthFault::Stale);
  claim.date = clock_.now() - kSignatureAge;
  EXPECT_EQ(fault(claim), AuthFault::None);
}

TEST_F(Auth, WithoutANonceTheSignatureIsItsOwn) {
  const auto nonce = [&](const std::string& signedText) {
    auto claim = signature("");
    claim.signature = hex(hmacSha256("SK", signedText));
    claim.expected = [signedText](const std::string& s) { return hex(hmacSha256(s, signedText)); };
    return std::get<Caller>(prove(claim)).nonce;
  };
  EXPECT_EQ(nonce("one"), nonce("one"));
  EXPECT_NE(nonce("one"), nonce("two"));
}

TEST_F(Auth, WhatIsNoClaim) {
  EXPECT_EQ(fault(facades::NoClaim{}), AuthFault::Missing);
  EXPECT_EQ(fault(facades::BadClaim{"why"}), AuthFault::Malformed);
}

TEST_F(Auth, CsrfTokensBelongToTheirCookie) {
  EXPECT_EQ(auth_.csrfToken("one"), auth_.csrfToken("one"));
  EXPECT_NE(auth_.csrfToken("one"), auth_.csrfToken("two"));
}

}  // namespace
}  // namespace baton::gateway
