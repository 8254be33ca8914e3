#include "kube/access_review.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace baton::kube {
namespace {

using nlohmann::json;

TEST(AccessReview, AsksForAllItIsTold) {
  AccessQuestion question;
  question.user = "baton:administrator";
  question.groups = {"baton:operators"};
  question.verb = "create";
  question.apiGroup = "ha.baton.dev";
  question.resource = "switchoverrequests";
  question.ns = "shop";
  const ApiRequest q = subjectAccessReview(question);
  EXPECT_EQ(q.target, "/apis/authorization.k8s.io/v1/subjectaccessreviews");
  EXPECT_EQ(q.method, http::Method::Post);
  EXPECT_TRUE(q.idempotent);
  const json spec = json::parse(q.body)["spec"];
  EXPECT_EQ(spec, json({{"user", "baton:administrator"},
                        {"groups", {"baton:operators"}},
                        {"resourceAttributes",
                         {{"verb", "create"},
                          {"group", "ha.baton.dev"},
                          {"resource", "switchoverrequests"},
                          {"namespace", "shop"}}}}));
}

TEST(AccessReview, BrokenUtf8DoesNotThrow) {
  AccessQuestion question;
  question.user = "\xff\xfe";
  EXPECT_NO_THROW(subjectAccessReview(question));
}

TEST(AccessReview, ReadsAnswers) {
  const auto yes =
      readSubjectAccessReview(R"({"kind":"SubjectAccessReview","status":{"allowed":true,"reason":"RBAC: x"}})");
  ASSERT_TRUE(yes.ok());
  EXPECT_TRUE(yes->allowed);
  EXPECT_EQ(yes->reason, "RBAC: x");
  const auto no = readSubjectAccessReview(R"({"kind":"SubjectAccessReview","status":{"allowed":false}})");
  ASSERT_TRUE(no.ok());
  EXPECT_FALSE(no->allowed);
  const auto denied =
      readSubjectAccessReview(R"({"kind":"SubjectAccessReview","status":{"allowed":true,"denied":true}})");
  ASSERT_TRUE(denied.ok());
  EXPECT_FALSE(denied->allowed);
}

TEST(AccessReview, WhatIsNotUnderstoodIsNeverAllowed) {
  for (const char* body :
       {"", "null", "[]", "{}", R"({"kind":"Status","status":{"allowed":true}})", R"({"kind":"SubjectAccessReview"})",
        R"({"kind":"SubjectAccessReview","status":1})", R"({"kind":"SubjectAccessReview","status":{"allowed":true)"})
    EXPECT_FALSE(readSubjectAccessReview(body).ok()) << body;
  const auto text = readSubjectAccessReview(R"({"kind":"SubjectAccessReview","status":{"allowed":"true"}})");
  ASSERT_TRUE(text.ok());
  EXPECT_FALSE(text->allowed);
}

TEST(TokenReview, AsksAndReads) {
  const ApiRequest q = tokenReview("secret", {"baton"});
  EXPECT_EQ(q.target, "/apis/authentication.k8s.io/v1/tokenreviews");
  EXPECT_EQ(json::parse(q.body)["spec"], json({{"token", "secret"}, {"audiences", {"baton"}}}));
  const auto answer = readTokenReview(R"({"kind":"TokenReview","spec":{"token":"secret"},"status":{"authenticated":true,
      "user":{"username":"system:serviceaccount:shop:db","uid":"u","groups":["a","b",3]}}})");
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->authenticated);
  EXPECT_EQ(answer->user, "system:serviceaccount:shop:db");
  EXPECT_EQ(answer->uid, "u");
  EXPECT_EQ(answer->groups, (std::vector<std::string>{"a", "b"}));
}

TEST(TokenReview, ARefusedToken) {
  const auto answer = readTokenReview(R"({"kind":"TokenReview","status":{"error":"expired"}})");
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->authenticated);
  EXPECT_EQ(answer->error, "expired");
  EXPECT_FALSE(readTokenReview("{}").ok());
}

}  // namespace
}  // namespace baton::kube
