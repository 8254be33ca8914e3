// The path of Huawei's and OTC's DCS: swap of an instance, and Keystone's tokens. Signatures: dcs_signing_test.cc.
#include "unit/facades/facade_fixture.h"

namespace baton::facades {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kSwap = "/v2/Project-1/instances/Instance-1/swap";
const std::string kTokens = "/v3/auth/tokens";

Call swap(http::Headers headers = {}, const std::string& body = "") {
  return call(Method::Post, kSwap, std::move(headers), body);
}
Call login(const std::string& body) {
  return call(Method::Post, kTokens, {{"Content-Type", "application/json"}, {"Host", "dcs.example.com:8443"}}, body);
}
std::string keystone(const Json& project) {
  const Json user = {{"name", "admin"}, {"password", "p:ä"}, {"domain", {{"name", "d1"}}}};
  return Json::object({{"auth",
                        {{"identity", {{"methods", Json::array({"password"})}, {"password", {{"user", user}}}}},
                         {"scope", {{"project", project}}}}}})
      .dump();
}
std::string keystone() { return keystone(Json::object({{"id", "Project-1"}})); }

/// The vendor's three fields, the header that every answer has; the message.
std::string errorOf(const http::Response& r, int status, const std::string& code = "") {
  EXPECT_EQ(r.status, status) << r.body;
  EXPECT_NE(header(r, "X-Request-Id"), "");
  const Json body = json(r);
  EXPECT_EQ(body.size(), body.contains("error") ? 4U : 3U) << body;  // of a log-in in Keystone's form, too
  EXPECT_NE(api::text(body, "error_code"), "") << body;
  if (!code.empty()) {
    EXPECT_EQ(api::text(body, "error_code"), code);
  }
  EXPECT_NE(api::text(body, "error_msg"), "") << body;
  EXPECT_TRUE(body.contains("error_ext_msg") && body["error_ext_msg"].is_null()) << body;
  return api::text(body, "error_msg");
}

TEST(Dcs, HasTwoPathsOfItsOwn) {
  EXPECT_EQ(dcs().kind(), api::ApiKind::Dcs);
  expectOnlyItsOwn(dcs());
  EXPECT_EQ(planOf(dcs(), swap()).wants, Wants::Switch);
  EXPECT_EQ(planOf(dcs(), login(keystone())).wants, Wants::Token);
  for (const char* path : {"/v2/p1/instances/i1", "/v2/p1/instances/i1/restart", "/v2/p1/instances/i1/swap/more",
                           "/v1.0/p1/instances/i1/swap", "/v2/p1/instance/i1/swap", "/v3/auth", "/v2/auth/tokens"})
    EXPECT_FALSE(dcs().plan(call(Method::Post, path))) << path;
}

TEST(Dcs, ThePathSaysWhichInstanceIsMeant) {
  EXPECT_EQ(planOf(dcs(), swap()).identity, (api::ApiIdentity{api::ApiKind::Dcs, "Instance-1", "Project-1"}));
}

TEST(Dcs, OtherMethodsAreNotAllowed) {
  for (const Method m : {Method::Get, Method::Put, Method::Patch, Method::Delete})
    expectNoSuchMethod(dcs(), call(m, kSwap), {"POST"});
  for (const Method m : {Method::Put, Method::Patch}) expectNoSuchMethod(dcs(), call(m, kTokens), {"POST"});
  EXPECT_NE(header(planOf(dcs(), call(Method::Put, kSwap)).answer.value_or(http::Response{}), "X-Request-Id"), "");
}

TEST(Dcs, HeadAndOptionsNeverSwitch) {
  for (const Method m : {Method::Head, Method::Options})
    for (const auto& path : {kSwap, kSwap + "/"}) expectNoSwitch(dcs(), call(m, path));
}

TEST(Dcs, ATokenComesInItsHeader) {
  for (const char* name : {"X-Auth-Token", "x-auth-token"})
    EXPECT_EQ(claimOf<TokenClaim>(dcs(), swap({{name, "tok-1"}})).token, "tok-1");
  claimOf<NoClaim>(dcs(), swap());
}

TEST(Dcs, ALoginIsKeystones) {
  for (const char* end : {"", "\n"}) {
    const auto claim = claimOf<PasswordClaim>(dcs(), login(keystone() + end));
    EXPECT_EQ(claim.user, "admin");
    EXPECT_EQ(claim.password, "p:ä");
  }
}

TEST(Dcs, ALoginMayBeByToken) {
  const std::string body =
      R"({"auth": {"identity": {"methods": ["token"], "token": {"id": "tok"}}, "scope": {"project": {"id": "p2"}}}})";
  EXPECT_EQ(claimOf<TokenClaim>(dcs(), login(body)).token, "tok");
  const Json answer = json(render(dcs(), login(body), outcome(Kind::Token)));
  EXPECT_EQ(api::object(answer, "token")["methods"], Json::array({"token"}));
  EXPECT_EQ(api::text(api::object(api::object(answer, "token"), "project"), "id"), "p2");
  for (const char* identity :
       {R"({"methods": ["token"]})", R"({"methods": ["token"], "token": {}})",
        R"({"methods": ["token"], "token": "t"})", R"({"methods": ["password", "token"], "token": {"id": "tok"}})",
        R"({"token": {"id": "tok"}})", R"({"methods": "token", "token": {"id": "tok"}})"})
    EXPECT_FALSE(claims<TokenClaim>(dcs(), login(R"({"auth": {"identity": )" + std::string(identity) + "}}")))
        << identity;
}

TEST(Dcs, ALoginWithoutCredentialsClaimsNobody) {
  for (const char* body :
       {"", "\n", "{", "null", "[]", "{}", R"({"auth": null})", R"({"auth": {"identity": []}})",
        R"({"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "u"}}}}})",
        R"({"auth": {"identity": {"methods": ["password"], "password": {"user": {"password": "p"}}}}})",
        R"({"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": 1, "password": 2}}}}})"})
    EXPECT_FALSE(claims<PasswordClaim>(dcs(), login(body))) << body;
}

TEST(Dcs, ALoginGivesATokenOfKeystone) {
  Outcome o = outcome(Kind::Token);
  o.token = "tok-1";
  o.user = "admin";
  o.expires = parseTime("2026-01-02T00:00:00Z").value();
  const auto answer = render(dcs(), login(keystone()), o);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(header(answer, "X-Subject-Token"), "tok-1");
  EXPECT_NE(header(answer, "X-Request-Id"), "");
  const Json body = json(answer);
  const Json& token = api::object(body, "token");
  EXPECT_EQ(api::text(api::object(token, "user"), "name"), "admin");
  EXPECT_EQ(api::text(api::object(token, "project"), "id"), "Project-1");
  EXPECT_THAT(api::text(token, "expires_at"), StartsWith("2026-01-02T00:00:00"));
  EXPECT_THAT(answer.body, testing::Not(HasSubstr("p:ä")));
}

TEST(Dcs, TheCatalogNamesThisServer) {
  const Json body = json(render(dcs(), login(keystone()), outcome(Kind::Token)));
  std::string urls;
  for (const auto& service : api::array(api::object(body, "token"), "catalog"))
    if (api::text(service, "type").find("dcs") != std::string::npos)
      for (const auto& endpoint : api::array(service, "endpoints")) urls += api::text(endpoint, "url") + " ";
  EXPECT_THAT(urls, StartsWith("https://dcs.example.com:8443")) << body;
}

TEST(Dcs, AProjectMayBeNamed) {
  const Json body = json(render(dcs(), login(keystone(Json::object({{"name", "eu-de"}}))), outcome(Kind::Token)));
  EXPECT_EQ(api::text(api::object(api::object(body, "token"), "project"), "name"), "eu-de");
}

TEST(Dcs, ASwapIsPlannedAndWaitedFor) {
  for (const char* body : {"", "\n"}) {
    const Intent intent = intentOf(dcs(), swap({}, body));
    EXPECT_EQ(intent.mode, api::Mode::Planned);
    EXPECT_NE(intent.candidate, "a");
    EXPECT_TRUE(intent.waitForEnd);
    EXPECT_EQ(planOf(dcs(), swap({}, body)).idempotency, "");
  }
}

TEST(Dcs, SucceededIsNoContent) {
  const auto answer = render(dcs(), swap(), outcome(Kind::Succeeded));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
  EXPECT_NE(header(answer, "X-Request-Id"), "");
}

TEST(Dcs, WhatCannotSwapIsNotSupported) {
  for (const Reason reason : {Reason::NotSupported, Reason::Disabled})
    EXPECT_EQ(errorOf(render(dcs(), swap(), outcome(Kind::Refused, reason, "why")), 400, "DCS.4855"),
              "Master standby swap is not supported.");
}

TEST(Dcs, OtherRefusalsAreBadRequests) {
  for (const Reason reason : kReasons) {
    if (reason == Reason::NotSupported || reason == Reason::Disabled) continue;
    SCOPED_TRACE(api::name(reason));
    const std::string message = errorOf(render(dcs(), swap(), outcome(Kind::Refused, reason, "why it is so")), 400);
    EXPECT_THAT(message, HasSubstr(std::string(api::name(reason))));
    EXPECT_THAT(message, HasSubstr("why it is so"));
  }
}

TEST(Dcs, FailuresAreInternal) {
  for (const Reason reason :
       {Reason::HookFailed, Reason::TimedOut, Reason::CatchUpTimedOut, Reason::FencingFailed, Reason::PodGone}) {
    SCOPED_TRACE(api::name(reason));
    EXPECT_THAT(errorOf(render(dcs(), swap(), outcome(Kind::Failed, reason, "why it is so")), 500),
                HasSubstr(std::string(api::name(reason))));
  }
}

TEST(Dcs, NothingThatWasAcceptedIsAskedForAgain) {
  for (const Reason reason : kReasons) {
    const int status = render(dcs(), swap(), outcome(Kind::Failed, reason, "why")).status;
    EXPECT_TRUE(status >= 400 && status != 429 && status != 502 && status != 504) << status << api::name(reason);
  }
  const int status = render(dcs(), swap(), outcome(Kind::Accepted)).status;
  EXPECT_TRUE(status != 204 && status != 429 && status != 502 && status != 504) << status;
}

TEST(Dcs, WhoIsNotKnownIsUnauthorized) {
  for (const AuthFault fault : kFaults) {
    errorOf(render(dcs(), swap(), unauthenticated(fault)), 401);
    // https://docs.openstack.org/api-ref/identity/v3/: a body that is no log-in is a bad request.
    const int status = fault == AuthFault::Malformed ? 400 : 401;
    const auto refused = render(dcs(), login(keystone()), unauthenticated(fault));
    errorOf(refused, status);
    EXPECT_EQ(json(refused)["error"]["code"], status);
  }
}

TEST(Dcs, SaysWhichKeystoneItSpeaks) {
  for (const char* path : {"/v3", "/v3/"}) {
    const auto plan = planOf(dcs(), call(Method::Get, path));
    ASSERT_TRUE(plan.answer) << path;
    EXPECT_EQ(plan.answer->status, 200);
    EXPECT_EQ(json(*plan.answer)["version"]["id"], "v3.14");
    EXPECT_EQ(planOf(dcs(), call(Method::Post, path)).answer->status, 405);
  }
}

TEST(Dcs, WhoMayNotIsForbidden) {
  errorOf(render(dcs(), swap(), outcome(Kind::Forbidden, Reason::None, "u may not")), 403);
}

TEST(Dcs, AnUnknownInstanceIsNotFound) {
  errorOf(render(dcs(), swap(), outcome(Kind::NoGroup)), 404);
  errorOf(render(dcs(), swap(), outcome(Kind::AnotherApi)), 404);
}

TEST(Dcs, AnApiServerThatCannotBeAskedIsAnErrorOfTheServer) {
  const auto answer = render(dcs(), swap(), outcome(Kind::Unavailable, Reason::None, "no answer"));
  EXPECT_EQ(answer.status / 100, 5);
  errorOf(answer, answer.status);
}

// The document's tables for 400, 401, 403, 404 and 500: at most 9 characters.
TEST(Dcs, CodesHaveNineCharactersAtMost) {
  std::vector<Outcome> all = {outcome(Kind::Forbidden), outcome(Kind::NoGroup)};
  for (const AuthFault fault : kFaults) all.push_back(unauthenticated(fault));
  for (const Reason reason : kReasons)
    for (const Kind kind : {Kind::Refused, Kind::Failed}) all.push_back(outcome(kind, reason, "why"));
  for (const Outcome& o : all) {
    const std::string code = api::text(json(render(dcs(), swap(), o)), "error_code");
    EXPECT_LE(code.size(), 9U) << code;
    EXPECT_NE(code, "");
  }
}

TEST(Dcs, MessagesAreCutAt1024) {
  for (const char* piece : {"x", "ä", "\xff"}) {
    std::string message;
    for (int i = 0; i < 3000; ++i) message += piece;
    const auto answer = render(dcs(), swap(), outcome(Kind::Refused, Reason::Busy, message));
    const std::string told = errorOf(answer, 400);
    const auto characters = std::count_if(told.begin(), told.end(), [](char c) { return (c & 0xC0) != 0x80; });
    EXPECT_LE(characters, 1024);
    EXPECT_GT(characters, 100);
  }
}

}  // namespace
}  // namespace baton::facades
