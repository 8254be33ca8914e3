// The path of Oracle's SBC: /rest/{version}/auth/token and /rest/{version}/admin/switchover.
#include "unit/facades/facade_fixture.h"

namespace baton::facades {
namespace {

using testing::HasSubstr;
using testing::Not;

const http::Headers kXml = {{"Accept", "application/xml"}};
const http::Headers kJsonOnly = {{"Accept", "application/json"}};

Call post(const std::string& path, http::Headers headers = kXml) {
  return call(Method::Post, path, std::move(headers));
}
Call switchover(http::Headers headers = kXml) { return post("/rest/v1.2/admin/switchover", std::move(headers)); }
Call login(http::Headers headers = kXml) { return post("/rest/v1.2/auth/token", std::move(headers)); }
http::Headers authorization(const std::string& value) {
  return {{"Accept", "application/xml"}, {"Authorization", value}};
}
Outcome token() {
  Outcome o = outcome(Kind::Token);
  o.token = "tok_1-x";
  o.user = "admin";
  o.expires = parseTime("2026-01-01T00:10:30Z").value();
  return o;
}

TEST(Sbc, HasTwoPathsOfItsOwn) {
  EXPECT_EQ(sbc().kind(), api::ApiKind::Sbc);
  expectOnlyItsOwn(sbc());
  for (const char* version : {"v1.1", "v1.2"}) {
    const std::string base = std::string("/rest/") + version;
    EXPECT_EQ(planOf(sbc(), post(base + "/auth/token")).wants, Wants::Token) << version;
    EXPECT_EQ(planOf(sbc(), post(base + "/admin/switchover")).wants, Wants::Switch) << version;
    for (const char* end : {"", "/admin", "/admin/reboot", "/admin/switchover/more", "/auth"})
      EXPECT_FALSE(sbc().plan(post(base + end))) << base + end;
  }
}

TEST(Sbc, OtherVersionsAreNotFound) {
  for (const char* version : {"v1.0", "v1.3", "v2", "1.2", "v1x2"})
    for (const char* end : {"/auth/token", "/admin/switchover"}) {
      const auto plan = sbc().plan(post(std::string("/rest/") + version + end));
      if (!plan) continue;
      ASSERT_TRUE(plan->answer) << version;
      EXPECT_EQ(plan->answer->status, 404) << version;
    }
}

TEST(Sbc, TheHostSaysWhichGroupIsMeant) {
  const Call c = switchover({{"Accept", "application/xml"}, {"Host", "SBC.Example.com:8443"}});
  EXPECT_EQ(planOf(sbc(), c).identity, (api::ApiIdentity{api::ApiKind::Sbc, "sbc.example.com", ""}));
}

TEST(Sbc, OtherMethodsAreNotAllowed) {
  for (const Method m : {Method::Get, Method::Put, Method::Patch, Method::Delete})
    for (const char* path : {"/rest/v1.2/auth/token", "/rest/v1.1/admin/switchover"})
      expectNoSuchMethod(sbc(), call(m, path, kXml), {"POST"});
}

TEST(Sbc, HeadAndOptionsNeverSwitch) {
  for (const Method m : {Method::Head, Method::Options})
    for (const char* path : {"/rest/v1.2/admin/switchover", "/rest/v1.2/admin/switchover/"})
      expectNoSwitch(sbc(), call(m, path, kXml));
}

TEST(Sbc, ALoginIsBasic) {
  const auto claim = claimOf<PasswordClaim>(sbc(), login(authorization("Basic " + base64("admin:a:b"))));
  EXPECT_EQ(claim.user, "admin");
  EXPECT_EQ(claim.password, "a:b");
  claimOf<NoClaim>(sbc(), login());
  EXPECT_TRUE(claims<BadClaim>(sbc(), login(authorization("Basic %%%"))));
}

TEST(Sbc, ATokenDoesNotRenewItself) { EXPECT_FALSE(claims<TokenClaim>(sbc(), login(authorization("Bearer tok")))); }

TEST(Sbc, ASwitchoverIsBearer) {
  for (const char* scheme : {"Bearer ", "bearer "})
    EXPECT_EQ(claimOf<TokenClaim>(sbc(), switchover(authorization(std::string(scheme) + "tok_1-x"))).token, "tok_1-x");
  claimOf<NoClaim>(sbc(), switchover());
}

TEST(Sbc, ASwitchoverTakesNoPassword) {
  EXPECT_FALSE(claims<PasswordClaim>(sbc(), switchover(authorization("Basic " + base64("admin:p")))));
}

TEST(Sbc, ASwitchoverIsPlannedAndNotWaitedFor) {
  for (const char* body : {"", "\n"}) {
    Call c = switchover();
    c.body = body;
    const Intent intent = intentOf(sbc(), c);
    EXPECT_EQ(intent.mode, api::Mode::Planned);
    EXPECT_NE(intent.candidate, "a");
    EXPECT_FALSE(intent.waitForEnd);
    EXPECT_EQ(planOf(sbc(), c).idempotency, "");
  }
}

TEST(Sbc, PlainHttpIsUpgradedOffLoopback) {
  for (Call c : {login(authorization("Basic " + base64("admin:p"))), switchover(authorization("Bearer tok"))}) {
    c.tls = false;
    const Plan plan = planOf(sbc(), c);
    ASSERT_TRUE(plan.answer) << c.path;
    EXPECT_EQ(plan.answer->status, 426) << c.path;
    EXPECT_FALSE(plan.afterLogin) << c.path;
    c.loopback = true;
    EXPECT_FALSE(planOf(sbc(), c).answer) << c.path;
  }
}

TEST(Sbc, ALoginGivesAToken) {
  for (const http::Headers& headers : {kXml, http::Headers{}, http::Headers{{"Accept", "*/*"}},
                                       http::Headers{{"Accept", "application/xml, application/json"}}}) {
    const auto answer = render(sbc(), login(headers), token());
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(xml(answer), HasSubstr("<response><data><accessToken>tok_1-x</accessToken></data><messages/><links/>"
                                       "</response>"));
  }
}

TEST(Sbc, ALoginGivesJsonToWhoTakesNothingElse) {
  const auto answer = render(sbc(), login(kJsonOnly), token());
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(json(answer).dump(), HasSubstr("\"accessToken\":\"tok_1-x\""));
}

TEST(Sbc, AcceptedIsNoContent) {
  const auto answer = render(sbc(), switchover(), outcome(Kind::Accepted));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(header(answer, "Content-Type"), "application/xml");
}

TEST(Sbc, RefusalsSayWhy) {
  for (const Reason reason : kReasons) {
    SCOPED_TRACE(api::name(reason));
    const auto answer = render(sbc(), switchover(), outcome(Kind::Refused, reason, "why it is so"));
    EXPECT_EQ(answer.status, 400);
    const std::string body = xml(answer);
    EXPECT_THAT(body, HasSubstr("<response><data/><messages><message type=\"error\">"));
    EXPECT_THAT(body, HasSubstr("</message></messages>"));
    EXPECT_THAT(body, HasSubstr(std::string(api::name(reason))));
    EXPECT_THAT(body, HasSubstr("why it is so"));
  }
}

TEST(Sbc, MessagesAreEscaped) {
  const auto answer = render(sbc(), switchover(), outcome(Kind::Refused, Reason::Busy, "<a> & b"));
  EXPECT_THAT(answer.body, HasSubstr("&lt;a"));
  EXPECT_THAT(answer.body, HasSubstr("&amp; b"));
  EXPECT_THAT(answer.body, Not(HasSubstr("<a>")));
}

TEST(Sbc, MessagesAreXmlWhateverTheyHold) {
  const std::string odd("a\x01\xff\0b\x7f\n", 7);
  const auto answer = render(sbc(), switchover(), outcome(Kind::Refused, Reason::Busy, odd));
  EXPECT_THAT(answer.body, HasSubstr("a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                                     "b"));
  EXPECT_THAT(answer.body, Not(HasSubstr("&#")));
}

TEST(Sbc, RefusalsAreJsonToWhoTakesNothingElse) {
  const auto answer = render(sbc(), switchover(kJsonOnly), outcome(Kind::Refused, Reason::NoCandidate, "a\xff\"b"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(json(answer).dump(), HasSubstr("NoCandidate"));
}

TEST(Sbc, WhoIsNotKnownIsUnauthorized) {
  for (const AuthFault fault : kFaults)
    for (const Call& c : {switchover(), login()}) EXPECT_EQ(render(sbc(), c, unauthenticated(fault)).status, 401);
}

TEST(Sbc, WhoMayNotIsForbidden) {
  EXPECT_EQ(render(sbc(), switchover(), outcome(Kind::Forbidden, Reason::None, "u may not")).status, 403);
}

TEST(Sbc, AHostOfNobodyIsTheCallersFault) {
  for (const Kind kind : {Kind::NoGroup, Kind::AnotherApi})
    EXPECT_EQ(render(sbc(), switchover(), outcome(kind)).status / 100, 4);
}

TEST(Sbc, AnApiServerThatCannotBeAskedIsNot) {
  EXPECT_EQ(render(sbc(), switchover(), outcome(Kind::Unavailable, Reason::None, "no answer")).status / 100, 5);
}

}  // namespace
}  // namespace baton::facades
