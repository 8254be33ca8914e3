// The path of VMware HCX: forceFailover of an HA group, its tasks and its sessions.
#include "unit/facades/facade_fixture.h"

namespace baton::facades {
namespace {

using testing::HasSubstr;

const std::string kFailover = "/hybridity/api/interconnect/appliances/ha/groups/Group-1/forceFailover";
const std::string kTask = "/hybridity/api/interconnect/tasks/6f9619ff-8b86-d011-b42d-00cf4fc964ff";
const std::string kSessions = "/hybridity/api/sessions";

Call failover(http::Headers headers = {}, const std::string& body = "") {
  return call(Method::Post, kFailover, std::move(headers), body);
}
Call task() { return call(Method::Get, kTask); }
Call login(const std::string& body) {
  return call(Method::Post, kSessions, {{"Content-Type", "application/json"}}, body);
}

/// {"errors": [{"code", "message"}]} and nothing else. Code and message, in one.
std::string errorOf(const http::Response& r, int status) {
  EXPECT_EQ(r.status, status) << r.body;
  const Json body = json(r);
  EXPECT_EQ(body.size(), 1U) << body;
  const Json& errors = api::array(body, "errors");
  EXPECT_EQ(errors.size(), 1U) << body;
  if (errors.size() != 1) return "";
  EXPECT_EQ(errors[0].size(), 2U) << body;
  EXPECT_NE(api::text(errors[0], "code"), "");
  EXPECT_NE(api::text(errors[0], "message"), "");
  return api::text(errors[0], "code") + " " + api::text(errors[0], "message");
}

TEST(Hcx, HasThreePathsOfItsOwn) {
  EXPECT_EQ(hcx().kind(), api::ApiKind::Hcx);
  expectOnlyItsOwn(hcx());
  EXPECT_EQ(planOf(hcx(), failover()).wants, Wants::Switch);
  EXPECT_EQ(planOf(hcx(), task()).wants, Wants::Task);
  EXPECT_EQ(planOf(hcx(), login(R"({"username": "u", "password": "p"})")).wants, Wants::Token);
  for (const char* path : {"/hybridity/api/interconnect/appliances/ha/groups/g1",
                           "/hybridity/api/interconnect/appliances/ha/groups/g1/failover",
                           "/hybridity/api/interconnect/appliances/ha/groups/g1/forceFailover/more",
                           "/hybridity/api/interconnect/tasks", "/hybridity/api", "/api/sessions"})
    EXPECT_FALSE(hcx().plan(call(Method::Post, path))) << path;
}

TEST(Hcx, ThePathSaysWhichGroupIsMeant) {
  EXPECT_EQ(planOf(hcx(), failover()).identity, (api::ApiIdentity{api::ApiKind::Hcx, "Group-1", ""}));
  const Call encoded = call(Method::Post, "/hybridity/api/interconnect/appliances/ha/groups/my%20group/forceFailover");
  EXPECT_EQ(planOf(hcx(), encoded).identity.id, "my group");
}

TEST(Hcx, ThePathSaysWhichTaskIsMeant) {
  EXPECT_EQ(planOf(hcx(), task()).task, "6f9619ff-8b86-d011-b42d-00cf4fc964ff");
}

TEST(Hcx, ALogInNestedDeeplyIsNoCrash) {
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  EXPECT_TRUE(claims<BadClaim>(hcx(), login(R"({"username": )" + deep + R"(, "password": )" + deep + "}")));
}

TEST(Hcx, OtherMethodsAreNotAllowed) {
  for (const Method m : {Method::Get, Method::Put, Method::Patch, Method::Delete}) {
    expectNoSuchMethod(hcx(), call(m, kFailover), {"POST"});
    if (m != Method::Get) expectNoSuchMethod(hcx(), call(m, kTask), {"GET"});
  }
  expectNoSuchMethod(hcx(), call(Method::Post, kTask), {"GET"});
}

TEST(Hcx, HeadAndOptionsNeverSwitch) {
  for (const Method m : {Method::Head, Method::Options})
    for (const auto& path : {kFailover, kFailover + "/"}) expectNoSwitch(hcx(), call(m, path));
}

TEST(Hcx, CredentialsOfALoginAreInItsBody) {
  for (const char* body :
       {R"({"username": "admin", "password": "pä:ss"})", "{\"password\":\"pä:ss\",\"username\":\"admin\"}\n"}) {
    const auto claim = claimOf<PasswordClaim>(hcx(), login(body));
    EXPECT_EQ(claim.user, "admin");
    EXPECT_EQ(claim.password, "pä:ss");
  }
}

TEST(Hcx, ALoginWithoutCredentialsClaimsNobody) {
  for (const char* body :
       {"", "\n", "{", "null", "[]", "\"admin\"", "{}", R"({"username": "admin"})", R"({"password": "p"})",
        R"({"username": 1, "password": 2})", R"({"username": ["admin"], "password": "p"})"})
    EXPECT_FALSE(claims<PasswordClaim>(hcx(), login(body))) << body;
}

TEST(Hcx, ATokenComesInEitherHeader) {
  for (const http::Headers& headers :
       {http::Headers{{"x-hm-authorization", "tok-1"}}, http::Headers{{"X-HM-Authorization", "tok-1"}},
        http::Headers{{"Authorization", "Bearer tok-1"}}, http::Headers{{"Authorization", "bearer tok-1"}},
        http::Headers{{"Authorization", "tok-1"}}})
    for (const Call& c : {failover(headers), call(Method::Get, kTask, headers)})
      EXPECT_EQ(claimOf<TokenClaim>(hcx(), c).token, "tok-1") << headers[0].second << " to " << c.path;
}

TEST(Hcx, APasswordMayComeWithTheCall) {
  const auto claim = claimOf<PasswordClaim>(hcx(), failover({{"Authorization", "Basic " + base64("admin:a:b")}}));
  EXPECT_EQ(claim.user, "admin");
  EXPECT_EQ(claim.password, "a:b");
}

TEST(Hcx, WithoutCredentialsNothingIsClaimed) {
  claimOf<NoClaim>(hcx(), failover());
  claimOf<NoClaim>(hcx(), task());
}

TEST(Hcx, AFailoverIsForcedAndNotWaitedFor) {
  for (const char* body : {"", "\n"}) {
    const Intent intent = intentOf(hcx(), failover({}, body));
    EXPECT_EQ(intent.mode, api::Mode::Forced);
    EXPECT_NE(intent.candidate, "a");
    EXPECT_FALSE(intent.waitForEnd);
    EXPECT_EQ(planOf(hcx(), failover({}, body)).idempotency, "");
  }
}

TEST(Hcx, AcceptedNamesTheTask) {
  const auto answer = render(hcx(), failover(), outcome(Kind::Accepted));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(
      json(answer),
      Json::object({{"data", {{"interconnectTaskId", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"}, {"groupId", "Group-1"}}},
                    {"warnings", Json::array()},
                    {"errors", Json::array()}}));
}

TEST(Hcx, WhoIsNotKnownGetsNoBody) {
  for (const AuthFault fault : kFaults)
    for (const Call& c : {failover(), task(), login(R"({"username": "u", "password": "p"})")}) {
      const auto answer = render(hcx(), c, unauthenticated(fault));
      EXPECT_EQ(answer.status, 401);
      EXPECT_EQ(answer.body, "");
    }
}

TEST(Hcx, WhoMayNotGetsNoBody) {
  for (const Call& c : {failover(), task()}) {
    const auto answer = render(hcx(), c, outcome(Kind::Forbidden, Reason::None, "u may not"));
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body, "");
  }
}

TEST(Hcx, AnUnknownGroupIsNotFound) {
  errorOf(render(hcx(), failover(), outcome(Kind::NoGroup)), 404);
  errorOf(render(hcx(), failover(), outcome(Kind::AnotherApi)), 404);
}

TEST(Hcx, RefusalsAreConflicts) {
  for (const Reason reason : {Reason::NotSupported, Reason::Disabled, Reason::Paused, Reason::Busy, Reason::NoPrimary,
                              Reason::NoCandidate, Reason::TooFrequent, Reason::UnhealthyReplication}) {
    SCOPED_TRACE(api::name(reason));
    const std::string error = errorOf(render(hcx(), failover(), outcome(Kind::Refused, reason, "why it is so")), 409);
    EXPECT_THAT(error, HasSubstr(std::string(api::name(reason))));
    EXPECT_THAT(error, HasSubstr("why it is so"));
  }
}

TEST(Hcx, FailuresAreInternal) {
  for (const Reason reason : {Reason::HookFailed, Reason::TimedOut, Reason::FencingFailed, Reason::PodGone}) {
    const std::string error = errorOf(render(hcx(), failover(), outcome(Kind::Failed, reason, "a\xff\"b")), 500);
    EXPECT_THAT(error, HasSubstr(std::string(api::name(reason))));
  }
}

TEST(Hcx, AnApiServerThatCannotBeAskedIsAnErrorOfTheServer) {
  const auto answer = render(hcx(), failover(), outcome(Kind::Unavailable, Reason::None, "no answer"));
  EXPECT_EQ(answer.status / 100, 5);
  errorOf(answer, answer.status);
}

TEST(Hcx, ALoginGivesAHeaderAndNoBody) {
  Outcome o = outcome(Kind::Token);
  o.token = "tok-1";
  o.user = "admin";
  const auto answer = render(hcx(), login(R"({"username": "admin", "password": "p"})"), o);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(header(answer, "x-hm-authorization"), "tok-1");
}

TEST(Hcx, ATaskShowsHowItIsGettingOn) {
  Outcome o = outcome(Kind::Task);
  o.request = "shop/orders-1";
  o.task = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";
  o.groupId = "Group-1";
  std::vector<Json> seen;
  for (const api::Phase phase : {api::Phase::Promoting, api::Phase::Succeeded, api::Phase::Failed}) {
    o.status.emplace();
    o.status->phase = phase;
    if (phase == api::Phase::Failed) o.status->reason = Reason::HookFailed;
    const auto answer = render(hcx(), task(), o);
    EXPECT_EQ(answer.status, 200);
    seen.push_back(json(answer));
    EXPECT_THAT(answer.body, HasSubstr(o.task));
    EXPECT_EQ(answer.body.find("HookFailed") != std::string::npos, phase == api::Phase::Failed) << answer.body;
  }
  EXPECT_NE(seen[0], seen[1]);
  EXPECT_NE(seen[1], seen[2]);
  EXPECT_NE(seen[0], seen[2]);
}

TEST(Hcx, ATaskThatHasNotBegunIsShownToo) {
  Outcome o = outcome(Kind::Task);
  o.task = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";
  for (const auto& status : {std::optional<api::SwitchoverStatus>(), std::optional(api::SwitchoverStatus())}) {
    o.status = status;
    const auto answer = render(hcx(), task(), o);
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(json(answer).dump(), HasSubstr(o.task));
  }
}

TEST(Hcx, AnUnknownTaskIsNotFound) { errorOf(render(hcx(), task(), outcome(Kind::NoTask)), 404); }

}  // namespace
}  // namespace baton::facades
