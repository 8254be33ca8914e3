// From a call to its answer.
#include "unit/gateway/gateway_fixture.h"

namespace baton::gateway {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

const std::string kSwap = "/v2/p1/instances/i1/swap";
const std::string kFailover = "/hybridity/api/interconnect/appliances/ha/groups/g1/forceFailover";

TEST_F(GatewayTest, AnUnknownPathIsNobodys) {
  call(http::Method::Get, "/nothing", token());
  EXPECT_EQ(answer().status, 404);
  EXPECT_TRUE(server_.reviews_.empty());
}

TEST_F(GatewayTest, ATargetThatCantBeDecoded) {
  call(http::Method::Get, "/%zz", token());
  EXPECT_EQ(answer().status, 400);
}

TEST_F(GatewayTest, ASwitchIsARequestThatIsFollowedToItsEnd) {
  call(http::Method::Post, kSwap, token());
  ASSERT_THAT(server_.created_, SizeIs(1));
  EXPECT_THAT(answers_, SizeIs(0)) << "204 says that it is done";
  EXPECT_EQ(spec()["groupRef"]["name"], "orders");
  EXPECT_EQ(spec()["mode"], "Planned");
  EXPECT_EQ(spec()["expectedPrimary"], "orders-0");
  const Json metadata = server_.objects_.at(server_.created_[0])["metadata"];
  EXPECT_EQ(metadata["namespace"], "shop");
  EXPECT_EQ(metadata["labels"]["ha.baton.dev/trigger"], "dcs");
  EXPECT_EQ(metadata["annotations"]["ha.baton.dev/requested-by"], "admin");
  becomes("Demoting");
  EXPECT_THAT(answers_, SizeIs(0));
  becomes("Succeeded");
  EXPECT_EQ(answer().status, 204);
  EXPECT_EQ(header("Baton-Switchover"), "shop/" + server_.created_[0]);
  EXPECT_EQ(followers_.count(), 0U);
  EXPECT_EQ(answered_["dcs 204"], 1);
}

TEST_F(GatewayTest, OneThatIsAnsweredWhenAcceptedIsNotWaitedFor) {
  call(http::Method::Post, kFailover, token());
  EXPECT_THAT(answers_, SizeIs(0));
  becomes("Validating");
  EXPECT_THAT(answers_, SizeIs(0)) << "it may still be refused";
  becomes("Demoting");
  EXPECT_EQ(answer().status, 202);
  EXPECT_EQ(spec()["mode"], "Forced");
  EXPECT_EQ(Json::parse(answer().body)["data"]["interconnectTaskId"], "uid-1");
  becomes("Succeeded");
  EXPECT_THAT(answers_, SizeIs(1)) << "once";
}

TEST_F(GatewayTest, WhatTheControllerRefusesIsTold) {
  call(http::Method::Post, kFailover, token());
  becomes("Rejected", "NoCandidate", "nobody is ready.");
  EXPECT_EQ(answer().status, 409);
  EXPECT_THAT(answer().body, HasSubstr("nobody is ready."));
}

TEST_F(GatewayTest, WhatIsKnownToBeRefusedIsNotEvenAsked) {
  groups_.refusal_ = Groups::Refusal{api::Reason::Paused, "the group is paused."};
  call(http::Method::Post, kFailover, token());
  EXPECT_EQ(answer().status, 409);
  EXPECT_THAT(server_.created_, SizeIs(0));
  EXPECT_EQ(header("Baton-Switchover"), "");
}

TEST_F(GatewayTest, ARequestThatIsDeletedEndsTheWait) {
  call(http::Method::Post, kSwap, token());
  followers_.seen(
      std::make_shared<const api::SwitchoverRequest>(api::switchoverFromJson(server_.objects_.at(server_.created_[0]))),
      true);
  EXPECT_EQ(answer().status, 500);
  EXPECT_THAT(answer().body, HasSubstr("was deleted"));
}

TEST_F(GatewayTest, WhoIsNotKnown) {
  call(http::Method::Post, kSwap, {{"X-Auth-Token", "wrong"}});
  EXPECT_EQ(answer().status, 401);
  call(http::Method::Post, kSwap, {});
  EXPECT_EQ(answer().status, 401);
  EXPECT_EQ(notProved_, 2);
  EXPECT_THAT(server_.created_, SizeIs(0));
  EXPECT_TRUE(server_.reviews_.empty());
}

TEST_F(GatewayTest, WhoMayNot) {
  server_.forbidden_ = {"create"};
  call(http::Method::Post, kSwap, token());
  EXPECT_EQ(answer().status, 403);
  EXPECT_THAT(server_.created_, SizeIs(0));
  ASSERT_THAT(server_.reviews_, SizeIs(1));
  EXPECT_EQ(server_.reviews_[0]["user"], "baton:admin");
  EXPECT_EQ(server_.reviews_[0]["groups"], Json::array({"ops"}));
  EXPECT_EQ(server_.reviews_[0]["resourceAttributes"]["resource"], "switchoverrequests");
  EXPECT_EQ(server_.reviews_[0]["resourceAttributes"]["namespace"], "shop");
}

TEST_F(GatewayTest, ToReadARoleIsAnotherRight) {
  server_.forbidden_ = {"create"};
  const http::Headers basic = {{"Host", "scc.example.com:8443"}, {"Authorization", "Basic " + base64("admin:secret")}};
  call(http::Method::Get, "/api/v1/configuration/connector/haRole", basic);
  for (int i = 0; i < 500 && answers_.empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(answer().status, 200);
  EXPECT_EQ(answer().body, "\"master\"");
  EXPECT_EQ(server_.reviews_[0]["resourceAttributes"]["verb"], "get");
  EXPECT_EQ(server_.reviews_[0]["resourceAttributes"]["name"], "orders");
}

TEST_F(GatewayTest, ATokenIsExchangedForOneThatLastsNoLonger) {
  const auto logIn = [this](const std::string& identity) {
    call(http::Method::Post, "/v3/auth/tokens", {}, R"({"auth": {"identity": )" + identity + "}}");
    waitForAnswers(answers_.size() + (answers_.empty() ? 1 : 0));
  };
  const auto byToken = [&](const std::string& token) {
    logIn(R"({"methods": ["token"], "token": {"id": ")" + token + "\"}}");
  };
  const auto expires = [this] { return std::string(Json::parse(answer().body)["token"]["expires_at"]); };
  logIn(R"({"methods": ["password"], "password": {"user": {"name": "admin", "password": "secret"}}})");
  ASSERT_EQ(answer().status, 201) << answer().body;
  const std::string first = expires();
  clock_.advance(std::chrono::minutes(40));
  byToken(header("X-Subject-Token"));
  ASSERT_EQ(answer().status, 201) << answer().body;
  EXPECT_EQ(expires(), first);
  const std::string second = header("X-Subject-Token");
  clock_.advance(std::chrono::minutes(21));
  byToken(second);
  EXPECT_EQ(answer().status, 401) << "it has expired with the first";
  byToken("nonsense");
  EXPECT_EQ(answer().status, 401);
}

TEST_F(GatewayTest, ARoleIsNotToldWhenNothingIsHeardOfIt) {
  const http::Headers basic = {{"Host", "scc.example.com"}, {"Authorization", "Basic " + base64("admin:secret")}};
  groups_.unheard_ = std::chrono::seconds(31);
  call(http::Method::Get, "/api/v1/configuration/connector/haRole", basic);
  waitForAnswers(1);
  EXPECT_EQ(answer().status, 503);
  EXPECT_NE(answer().body.find("for 31 s"), std::string::npos) << answer().body;
  groups_.unheard_.reset();
  call(http::Method::Get, "/api/v1/configuration/connector/haRole", basic);
  EXPECT_EQ(answer().status, 200);
}

TEST_F(GatewayTest, ToChangeAConnectorsRoleBothRightsAreNeeded) {
  const http::Headers basic = {{"Host", "scc.example.com"}, {"Authorization", "Basic " + base64("admin:secret")}};
  server_.forbidden_ = {"get"};
  call(http::Method::Post, "/api/v1/configuration/connector/haRole", basic, "\"shadow\"");
  for (int i = 0; i < 500 && answers_.empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(answer().status, 403);
  server_.forbidden_ = {"create"};
  clock_.advance(std::chrono::minutes(1));
  call(http::Method::Post, "/api/v1/configuration/connector/haRole", basic, "\"shadow\"");
  EXPECT_EQ(answer().status, 403);
  EXPECT_THAT(server_.created_, SizeIs(0));
}

TEST_F(GatewayTest, RightsAreRememberedForAMoment) {
  for (int i = 0; i < 3; ++i) call(http::Method::Post, kFailover, token());
  EXPECT_THAT(server_.reviews_, SizeIs(1));
  clock_.advance(std::chrono::seconds(11));
  call(http::Method::Post, kFailover, token());
  EXPECT_THAT(server_.reviews_, SizeIs(2));
}

TEST_F(GatewayTest, GroupsThatThereAreNot) {
  call(http::Method::Post, "/v2/p1/instances/other/swap", token());
  EXPECT_EQ(answer().status, 404);
  call(http::Method::Post, "/v2/other/instances/i1/swap", token());
  EXPECT_EQ(answer().status, 404);
}

TEST_F(GatewayTest, NothingIsSaidBeforeAllIsListed) {
  groups_.ready_ = false;
  call(http::Method::Post, kSwap, token());
  EXPECT_EQ(answer().status, 500);
  EXPECT_THAT(server_.created_, SizeIs(0));
}

TEST_F(GatewayTest, AnApiServerThatCantBeAskedSwitchesNothing) {
  server_.down_ = true;
  call(http::Method::Post, kSwap, token());
  EXPECT_EQ(answer().status, 500);
  EXPECT_THAT(server_.created_, SizeIs(0));
}

TEST_F(GatewayTest, ALogInGivesATokenForThatPath) {
  call(http::Method::Post, "/hybridity/api/sessions", {}, R"({"username": "admin", "password": "secret"})");
  for (int i = 0; i < 500 && answers_.empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(answer().status, 200);
  const std::string session = header("x-hm-authorization");
  call(http::Method::Post, kFailover, {{"x-hm-authorization", session}});
  EXPECT_THAT(server_.created_, SizeIs(1));
  call(http::Method::Post, kSwap, {{"X-Auth-Token", session}});
  EXPECT_EQ(answer().status, 401);
}

TEST_F(GatewayTest, ATaskSaysHowItIsGettingOn) {
  call(http::Method::Post, kFailover, token());
  becomes("Demoting");
  call(http::Method::Get, "/hybridity/api/interconnect/tasks/uid-1", token());
  EXPECT_EQ(answer().status, 200);
  EXPECT_THAT(answer().body, HasSubstr("uid-1"));
  call(http::Method::Get, "/hybridity/api/interconnect/tasks/uid-9", token());
  waitForAnswers(3);
  EXPECT_EQ(answer().status, 404);
}

// --- the same call again

std::string signedPolardb(const std::string& nonce, const std::string& more) {
  http::Parameters all = *http::parameters(
      "Action=FailoverDBCluster&Version=2017-08-01&DBClusterId=pc-1&AccessKeyId=AK"
      "&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureNonce=" +
      nonce + "&Timestamp=" + http::encode(formatTimeSeconds(kube::ManualClock().now())) + more);
  std::sort(all.begin(), all.end());
  std::string joined;
  for (const auto& [k, v] : all) joined += (joined.empty() ? "" : "&") + http::encode(k) + "=" + http::encode(v);
  const std::string signature = base64(hmacSha1("SK&", "POST&%2F&" + http::encode(joined)));
  return "/?" + joined + "&Signature=" + http::encode(signature);
}

TEST_F(GatewayTest, TheSameClientTokenIsTheSameSwitch) {
  call(http::Method::Post, signedPolardb("n1", "&ClientToken=t"), {});
  becomes("Demoting");
  const std::string first = Json::parse(answer().body)["RequestId"];
  call(http::Method::Post, signedPolardb("n2", "&ClientToken=t"), {});
  becomes("Succeeded");
  EXPECT_EQ(answer().status, 200);
  EXPECT_EQ(Json::parse(answer().body)["RequestId"], first);
  EXPECT_THAT(server_.created_, SizeIs(1));
  ASSERT_THAT(answers_, SizeIs(2));
}

TEST_F(GatewayTest, TheSameCallAfterItsSwitchIsNotJudgedByTheGroupThatItMade) {
  call(http::Method::Post, signedPolardb("n1", "&ClientToken=t&TargetDBNodeId=orders-1"), {});
  becomes("Succeeded");
  facades::Group& group = groups_.groups_[{api::ApiKind::Polardb, "pc-1", ""}];
  group.primary = "orders-1";
  groups_.refusal_ = Groups::Refusal{api::Reason::Busy, "another role change is going on."};
  call(http::Method::Post, signedPolardb("n2", "&ClientToken=t&TargetDBNodeId=orders-1"), {});
  EXPECT_EQ(answer().status, 200);
  EXPECT_EQ(answers_[0].body, answers_[1].body);
}

TEST_F(GatewayTest, TheSameClientTokenWithOtherParametersIsRefused) {
  call(http::Method::Post, signedPolardb("n1", "&ClientToken=t"), {});
  becomes("Demoting");
  call(http::Method::Post, signedPolardb("n2", "&ClientToken=t&TargetDBNodeId=orders-1"), {});
  EXPECT_EQ(answer().status, 400);
  EXPECT_EQ(Json::parse(answer().body)["Code"], "IdempotentParameterMismatch");
}

TEST_F(GatewayTest, ASignedCallIsTakenOnceAlsoByAnotherReplica) {
  const std::string target = signedPolardb("n1", "");
  call(http::Method::Post, target, {});
  becomes("Demoting");
  EXPECT_EQ(answer().status, 200);
  call(http::Method::Post, target, {});
  EXPECT_EQ(Json::parse(answer().body)["Code"], "SignatureNonceUsed");
  // Another replica has not seen the nonce, and meets the request that was made of it.
  Authenticator another(clock_, timers_);
  another.replace(authenticator_.credentials());
  Gateway replica({server_,
                   groups_,
                   another,
                   access_,
                   followers_,
                   claims_,
                   timers_,
                   clock_,
                   randomBytes,
                   [](const std::string&, double) { return true; },
                   [] { return false; },
                   {},
                   {}});
  http::Request r;
  r.method = http::Method::Post;
  r.target = target;
  replica.handle(std::move(r), {"127.0.0.1", 1, true}, [this](http::Response a) { answers_.push_back(std::move(a)); });
  EXPECT_EQ(Json::parse(answer().body)["Code"], "SignatureNonceUsed");
  EXPECT_THAT(server_.created_, SizeIs(1));
}

TEST_F(GatewayTest, ARefusalOfTheApiServerIsTold) {
  call(http::Method::Post, kFailover, token());
  call(http::Method::Post, kFailover, token());
  EXPECT_THAT(server_.created_, SizeIs(2)) << "two calls without a token are two requests";
}

// --- sessions of browsers

TEST_F(GatewayTest, ACookieNeedsItsCsrfToken) {
  const std::string path = "/api/v1/configuration/connector/haRole";
  const std::string basic = "Basic " + base64("admin:secret");
  call(http::Method::Head, path, {{"Host", "scc.example.com"}, {"Authorization", basic}, {"x-csrf-token", "Fetch"}});
  for (int i = 0; i < 500 && answers_.empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const std::string csrf = header("X-CSRF-Token"),
                    cookie = header("Set-Cookie").substr(0, header("Set-Cookie").find(';'));
  EXPECT_THAT(header("Set-Cookie"), HasSubstr("Secure"));
  http::Headers headers = {{"Host", "scc.example.com"}, {"Authorization", basic}, {"Cookie", "a=b; " + cookie}};
  call(http::Method::Post, path, headers, "\"shadow\"");
  EXPECT_EQ(answer().status, 403);
  EXPECT_EQ(header("X-CSRF-Token"), "Required");
  EXPECT_THAT(server_.created_, SizeIs(0));
  headers.emplace_back("X-CSRF-Token", csrf);
  call(http::Method::Post, path, headers, "\"shadow\"");
  EXPECT_THAT(server_.created_, SizeIs(1));
}

}  // namespace
}  // namespace baton::gateway
