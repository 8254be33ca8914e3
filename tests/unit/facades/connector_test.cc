// The path of SAP's Cloud Connector: /api/v1/configuration/connector/haRole.
#include "unit/facades/facade_fixture.h"

namespace baton::facades {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kPath = "/api/v1/configuration/connector/haRole";

Call get(http::Headers headers = {}) { return call(Method::Get, kPath, std::move(headers)); }
Call post(const std::string& body, http::Headers headers = {{"Content-Type", "application/json"}}) {
  return call(Method::Post, kPath, std::move(headers), body);
}
http::Headers authorization(const std::string& value) { return {{"Authorization", value}}; }

/// No role assigned yet: bootstrap is Manual, and no request named anybody.
Group fresh(const std::string& addressed) {
  Group g = groupOf("");
  g.neverHadPrimary = true;
  g.originalZone = "";
  g.addressed = addressed;
  for (auto& m : g.members) m.role = "";
  return g;
}

/// `type`, and nothing else beside a message.
void expectError(const http::Response& r, int status, const std::string& type) {
  EXPECT_EQ(r.status, status) << r.body;
  const Json body = json(r);
  EXPECT_EQ(body.size(), 2U) << body;
  EXPECT_EQ(api::text(body, "type"), type);
  EXPECT_NE(api::text(body, "message"), "");
}

TEST(Connector, HasOnePathOfItsOwn) {
  EXPECT_EQ(connector().kind(), api::ApiKind::Connector);
  expectOnlyItsOwn(connector());
  for (const char* path : {"/api/v1/configuration/connector", "/api/v2/configuration/connector/haRole",
                           "/x/api/v1/configuration/connector/haRole", "/api/v1/configuration/connector/haRole/more",
                           "/api/v1/configuration/connector/harole"})
    EXPECT_FALSE(connector().plan(call(Method::Get, path))) << path;
}

TEST(Connector, GetWantsTheRoleAndPostASwitch) {
  EXPECT_EQ(planOf(connector(), get()).wants, Wants::Role);
  EXPECT_EQ(planOf(connector(), post("\"shadow\"")).wants, Wants::Switch);
}

TEST(Connector, TheHostSaysWhichGroupIsMeant) {
  const api::ApiIdentity expected{api::ApiKind::Connector, "scc.example.com", ""};
  const http::Headers host = {{"Host", "SCC.Example.com:8443"}};
  EXPECT_EQ(planOf(connector(), get(host)).identity, expected);
  EXPECT_EQ(planOf(connector(), post("\"shadow\"", host)).identity, expected);
}

TEST(Connector, OtherMethodsAreNotAllowed) {
  for (const Method m : {Method::Put, Method::Patch, Method::Delete})
    expectNoSuchMethod(connector(), call(m, kPath, {}, "\"shadow\""), {"GET", "POST"});
}

TEST(Connector, HeadAndOptionsNeverSwitch) {
  for (const Method m : {Method::Head, Method::Options})
    for (const char* end : {"", "/"})
      expectNoSwitch(connector(), call(m, kPath + end, {{"x-csrf-token", "Fetch"}}, "\"shadow\""));
}

TEST(Connector, CredentialsAreBasic) {
  for (const char* scheme : {"Basic ", "basic "}) {
    const auto claim = claimOf<PasswordClaim>(connector(), get(authorization(scheme + base64("Administrator:pa:ss"))));
    EXPECT_EQ(claim.user, "Administrator");
    EXPECT_EQ(claim.password, "pa:ss");
  }
  EXPECT_EQ(claimOf<PasswordClaim>(connector(), post("\"shadow\"", authorization("Basic " + base64("u:p")))).user, "u");
}

TEST(Connector, WithoutCredentialsNothingIsClaimed) {
  claimOf<NoClaim>(connector(), get());
  claimOf<NoClaim>(connector(), post("\"shadow\""));
}

TEST(Connector, BasicThatCannotBeReadIsBad) {
  for (const std::string& value : {std::string("Basic %%%"), "Basic " + base64("nocolon")})
    EXPECT_TRUE(claims<BadClaim>(connector(), get(authorization(value)))) << value;
  EXPECT_FALSE(claims<PasswordClaim>(connector(), get(authorization("Bearer " + base64("u:p")))));
}

TEST(Connector, ACsrfTokenIsFetched) {
  for (const char* word : {"Fetch", "fetch"})
    EXPECT_TRUE(planOf(connector(), get({{"x-csrf-token", word}})).asksForCsrfToken) << word;
  EXPECT_FALSE(planOf(connector(), get({{"x-csrf-token", "dG9rZW4"}})).asksForCsrfToken);
  EXPECT_FALSE(planOf(connector(), get()).asksForCsrfToken);
}

TEST(Connector, CsrfCookieAndTokenAreRead) {
  const std::string session(kCsrfCookie);
  const Plan both =
      planOf(connector(), post("\"shadow\"", {{"Cookie", "x=1; " + session + "=s1; y=2"}, {"X-CSRF-Token", "t1"}}));
  EXPECT_EQ(both.csrfCookie, "s1");
  EXPECT_EQ(both.csrfToken, "t1");
  const Plan cookie = planOf(connector(), post("\"shadow\"", {{"cookie", session + "=s1"}}));
  EXPECT_EQ(cookie.csrfCookie, "s1");
  EXPECT_EQ(cookie.csrfToken, "");
  EXPECT_EQ(planOf(connector(), post("\"shadow\"", {{"Cookie", "NOT_" + session + "=s1"}})).csrfCookie, "");
  EXPECT_EQ(planOf(connector(), post("\"shadow\"")).csrfCookie, "");
}

TEST(Connector, TheRoleIsAJsonString) {
  Group undefined = groupAt("c");
  undefined.members[1].role = "";
  for (const auto& [g, role] : std::vector<std::pair<Group, std::string>>{{group(), "master"},
                                                                          {groupAt("a"), "master"},
                                                                          {groupAt("b"), "shadow"},
                                                                          {groupAt("c"), "shadow"},
                                                                          {undefined, "undefined"},
                                                                          {fresh("b"), "undefined"}}) {
    const auto answer = answerOf(connector(), get(), g);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(json(answer), Json(role)) << g.addressed;
  }
}

TEST(Connector, ShadowHandsTheRoleOver) {
  for (const Group& g : {group(), groupAt("a")}) {
    const Intent intent = intentOf(connector(), post("\"shadow\""), g);
    EXPECT_EQ(intent.mode, api::Mode::Planned);
    EXPECT_EQ(intent.expectedPrimary, "a");
    EXPECT_NE(intent.candidate, "a");
    EXPECT_TRUE(intent.waitForEnd);
    EXPECT_EQ(planOf(connector(), post("\"shadow\"")).idempotency, "");
  }
}

TEST(Connector, TheBodyMayHaveBlanksAround) {
  for (const char* body : {"\"shadow\"\n", "\"shadow\"\r\n", " \"shadow\" "})
    EXPECT_EQ(intentOf(connector(), post(body)).expectedPrimary, "a") << body;
}

TEST(Connector, TheContentTypeIsNotAsked) {
  EXPECT_EQ(intentOf(connector(), post("\"shadow\"", {})).expectedPrimary, "a");
}

TEST(Connector, TheMasterTakesOnlyShadow) {
  for (const Group& g : {group(), groupAt("a")})
    expectError(answerOf(connector(), post("\"master\""), g), 409, "ILLEGAL_STATE");
}

TEST(Connector, AShadowTakesNothing) {
  for (const char* body : {"\"shadow\"", "\"master\""})
    for (const char* pod : {"b", "c"})
      expectError(answerOf(connector(), post(body), groupAt(pod)), 409, "ILLEGAL_STATE");
}

TEST(Connector, WithoutAnEligibleShadowTheRoleStays) {
  expectError(answerOrRefusal(connector(), post("\"shadow\""), groupWithoutCandidates(), Reason::NoCandidate), 409,
              "ILLEGAL_STATE");
}

TEST(Connector, ALostMasterHandsNothingOver) {
  expectError(answerOrRefusal(connector(), post("\"shadow\""), groupOf(""), Reason::NoPrimary), 409, "ILLEGAL_STATE");
}

TEST(Connector, AFreshMemberBecomesMaster) {
  for (const char* pod : {"b", "c"}) {
    const Intent intent = intentOf(connector(), post("\"master\"\n"), fresh(pod));
    EXPECT_EQ(intent.candidate, pod);
    EXPECT_EQ(intent.candidateZone, "");
    EXPECT_EQ(intent.expectedPrimary, "");
    EXPECT_TRUE(intent.waitForEnd);
  }
}

TEST(Connector, AFreshMemberBecomesShadow) {
  const Call c = post("\"shadow\"");
  const auto decided = connector().decide(c, planOf(connector(), c), fresh("b"));
  if (const auto* answer = std::get_if<http::Response>(&decided)) {
    EXPECT_EQ(answer->status, 204) << answer->body;
    EXPECT_EQ(answer->body, "");
  } else {
    EXPECT_NE(std::get<Intent>(decided).candidate, "b");
  }
}

TEST(Connector, AnythingElseIsAnInvalidRequest) {
  for (const char* body :
       {"\"Shadow\"", "\"slave\"", "\"\"", "null", "true", "1", "[\"shadow\"]", "{\"haRole\":\"shadow\"}", "shadow",
        "\"shadow", "\"shadow\" x", "\"shadow\"\"master\"", "", "\n"}) {
    SCOPED_TRACE(body);
    expectError(answerOf(connector(), post(body)), 400, "INVALID_REQUEST");
  }
}

TEST(Connector, SucceededIsNoContent) {
  const auto answer = render(connector(), post("\"shadow\""), outcome(Kind::Succeeded));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
}

TEST(Connector, NoContentIsSaidOnlyOfWhatHasSucceeded) {
  EXPECT_NE(render(connector(), post("\"shadow\""), outcome(Kind::Accepted)).status, 204);
}

TEST(Connector, RefusalsAndFailuresAreIllegalState) {
  for (const Kind kind : {Kind::Refused, Kind::Failed})
    for (const Reason reason : kReasons) {
      SCOPED_TRACE(api::name(reason));
      const auto answer = render(connector(), post("\"shadow\""), outcome(kind, reason, "why it is so"));
      expectError(answer, 409, "ILLEGAL_STATE");
      EXPECT_THAT(api::text(json(answer), "message"), HasSubstr(std::string(api::name(reason))));
      EXPECT_THAT(api::text(json(answer), "message"), HasSubstr("why it is so"));
    }
}

TEST(Connector, AMessageThatIsNotUtf8IsStillJson) {
  expectError(render(connector(), post("\"shadow\""), outcome(Kind::Failed, Reason::HookFailed, "a\xff\"b\n")), 409,
              "ILLEGAL_STATE");
}

TEST(Connector, WhoIsNotKnownIsAskedForAPasswordAndGetsNoPage) {
  for (const AuthFault fault : kFaults)
    for (const Call& c : {get(), post("\"shadow\"")}) {
      const auto answer = render(connector(), c, unauthenticated(fault));
      EXPECT_EQ(answer.status, 401);
      EXPECT_THAT(header(answer, "WWW-Authenticate"), testing::MatchesRegex("Basic realm=\"[^\"]+\".*"));
      EXPECT_THAT(mediaType(answer), Not(HasSubstr("html")));
      EXPECT_THAT(answer.body, Not(StartsWith("<")));
    }
}

TEST(Connector, ACookieWithoutItsTokenIsRefused) {
  const int status = render(connector(), post("\"shadow\""), unauthenticated(AuthFault::Csrf)).status;
  EXPECT_GE(status, 400);
  EXPECT_LT(status, 500);
}

TEST(Connector, WhoMayNotIsForbidden) {
  for (const Call& c : {get(), post("\"shadow\"")}) {
    const auto answer = render(connector(), c, outcome(Kind::Forbidden, Reason::None, "u may not"));
    EXPECT_EQ(answer.status, 403);
    EXPECT_NE(api::text(json(answer), "type"), "");
    EXPECT_NE(api::text(json(answer), "message"), "");
  }
}

TEST(Connector, AHostOfNobodyIsTheCallersFault) {
  for (const Kind kind : {Kind::NoGroup, Kind::AnotherApi}) {
    const auto answer = render(connector(), get(), outcome(kind));
    EXPECT_EQ(answer.status / 100, 4);
    EXPECT_NE(api::text(json(answer), "message"), "");
  }
}

TEST(Connector, AnApiServerThatCannotBeAskedIsNot) {
  const auto answer = render(connector(), post("\"shadow\""), outcome(Kind::Unavailable, Reason::None, "no answer"));
  EXPECT_EQ(answer.status / 100, 5);
  EXPECT_NE(api::text(json(answer), "message"), "");
}

}  // namespace
}  // namespace baton::facades
