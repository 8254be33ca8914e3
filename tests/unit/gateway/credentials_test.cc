#include "gateway/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kHash = "$2y$05$abcdefghijklmnopqrstuuNXDWY7zYJ0AGzGrbzKvYMiF3gGY3DFC";
const std::string kDigest(64, 'a');

std::string file(const std::string& users) { return "users:\n" + users; }
std::string errorOf(const std::string& text) {
  const auto c = parseCredentials(text, "creds.yaml");
  return c ? "none" : c.error().message;
}

TEST(Credentials, AllThatAUserCanHave) {
  const auto c = parseCredentials(file("- name: Administrator\n"
                                       "  passwordHash: \"" +
                                       kHash +
                                       "\"\n"
                                       "  kubernetesUser: baton:administrator\n"
                                       "  kubernetesGroups: [baton:operators, x]\n"
                                       "  accessKeys: [{id: AK1, secret: s1}, {id: AK2, secret: s2}]\n"
                                       "  tokens: [{sha256: \"" +
                                       kDigest + "\"}]\n"),
                                  "f");
  ASSERT_TRUE(c) << c.error().message;
  const auto user = (*c)->users.at("Administrator");
  EXPECT_EQ(user->passwordHash, kHash);
  EXPECT_EQ(user->kubernetesUser, "baton:administrator");
  EXPECT_THAT(user->kubernetesGroups, testing::ElementsAre("baton:operators", "x"));
  EXPECT_EQ((*c)->accessKeys.at("AK2").secret, "s2");
  EXPECT_EQ((*c)->accessKeys.at("AK2").user, user);
  EXPECT_EQ((*c)->tokens.at(kDigest), user);
}

TEST(Credentials, NobodyIsAFileToo) {
  ASSERT_TRUE(parseCredentials("users: []\n", "f"));
  EXPECT_TRUE((*parseCredentials("users: []\n", "f"))->users.empty());
  EXPECT_THAT(errorOf(" \n"), HasSubstr("is empty")) << "or half written";
}

TEST(Credentials, AnotherFileMeansAnotherSigningKey) {
  const std::string one = file("- {name: a, kubernetesUser: x}\n");
  EXPECT_EQ((*parseCredentials(one, "f"))->signingKey, (*parseCredentials(one, "g"))->signingKey);
  EXPECT_NE((*parseCredentials(one, "f"))->signingKey, (*parseCredentials(one + "\n", "f"))->signingKey);
}

TEST(Credentials, WhatIsWrongIsSaidWithItsLine) {
  EXPECT_THAT(errorOf("users: {"), HasSubstr("creds.yaml:1"));
  EXPECT_THAT(errorOf("user: []"), HasSubstr("unknown key; there are users"));
  EXPECT_THAT(errorOf(file("- {kubernetesUser: x}\n")), HasSubstr("creds.yaml:2: users[0].name"));
  EXPECT_THAT(errorOf(file("- {name: 'a:b', kubernetesUser: x}\n")), HasSubstr("without colon"));
  EXPECT_THAT(errorOf(file("- {name: a}\n")), HasSubstr("kubernetesUser"));
  EXPECT_THAT(errorOf(file("- {name: a, kubernetesUser: x}\n- {name: a, kubernetesUser: y}\n")),
              HasSubstr("creds.yaml:3: users[1].name: another user"));
  EXPECT_THAT(errorOf(file("- {name: a, kubernetesUser: x, password: secret}\n")),
              HasSubstr("unknown key; there are name,"));
  EXPECT_THAT(errorOf(file("- {name: a, kubernetesUser: x, tokens: [{sha256: abc}]}\n")), HasSubstr("64 hexadecimal"));
  EXPECT_THAT(errorOf(file("- {name: a, kubernetesUser: x, accessKeys: [{id: k}]}\n")), HasSubstr("id and secret"));
  EXPECT_THAT(errorOf(file("- {name: a, kubernetesUser: x, tokens: [{sha256: "
                           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}]}\n")),
              HasSubstr("empty token"));
  EXPECT_THAT(errorOf(file("- {name: a, kubernetesUser: x, accessKeys: [{id: k, secret: s}, {id: k, secret: t}]}\n")),
              HasSubstr("another access key"));
}

TEST(Credentials, HashesMustBeStrong) {
  for (const char* hash : {"plain", "abJnggxhB/yWI", "$1$abcdefgh$J0O9a3rUcIy0VGcVnxmO4/", "{SHA}xyz"})
    EXPECT_THAT(errorOf(file("- {name: a, kubernetesUser: x, passwordHash: '" + std::string(hash) + "'}\n")),
                HasSubstr("passwordHash"))
        << hash;
}

TEST(Credentials, NoMessageQuotesASecret) {
  EXPECT_THAT(errorOf(file("- {name: a, kubernetesUser: x, passwordHash: hunter2}\n")), Not(HasSubstr("hunter2")));
  EXPECT_THAT(errorOf(file("- {name: a, kubernetesUser: x, accessKeys: [{id: k, hunter2}]}\n")),
              Not(HasSubstr("hunter2")));
  EXPECT_THAT(errorOf(file("- {name: a, kubernetesUser: x, tokens: [{sha256: hunter2}]}\n")),
              Not(HasSubstr("hunter2")));
  EXPECT_THAT(errorOf(file("- {name: a, kubernetesUser: x, accessKeys: [{id: k, secret: *hunter2}]}\n")),
              Not(HasSubstr("hunter2")))
      << "a secret that begins with an asterisk, without quotes";
  EXPECT_THAT(errorOf(file("- {name: hunter2}\n")), Not(HasSubstr("hunter2")));
}

TEST(Credentials, WhatIsBehindThemIsNotPassedOver) {
  EXPECT_THAT(errorOf(","), HasSubstr("creds.yaml:1: expected one YAML document"));
  EXPECT_THAT(errorOf("users: []\n---\n" + file("- {name: a, kubernetesUser: x}\n")),
              HasSubstr("creds.yaml:2: expected one YAML document"));
  EXPECT_TRUE(parseCredentials("---\nusers: []\n---\n", "f")) << "nothing is behind them";
}

TEST(Credentials, MustBeUtf8) {
  EXPECT_THAT(errorOf(file("- {name: \"J\xfcrgen\", kubernetesUser: x}\n")), HasSubstr("creds.yaml: expected UTF-8"));
  EXPECT_TRUE(parseCredentials(file("- {name: \"J\xc3\xbcrgen\", kubernetesUser: x}\n"), "f"));
}

}  // namespace
}  // namespace baton::gateway
