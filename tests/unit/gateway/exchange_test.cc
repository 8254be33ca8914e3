// What goes wrong on the way: nobody takes the request up, answers are lost, the replica stops, calls come too often.
#include "unit/gateway/gateway_fixture.h"

namespace baton::gateway {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

const std::string kSwap = "/v2/p1/instances/i1/swap";
const std::string kFailover = "/hybridity/api/interconnect/appliances/ha/groups/g1/forceFailover";
const std::string kTask = "/hybridity/api/interconnect/tasks/";

TEST_F(GatewayTest, WhatNobodyHasTakenUpYetIsAccepted) {
  call(http::Method::Post, kFailover, token());
  EXPECT_THAT(answers_, SizeIs(0)) << "it may be refused in a moment";
  waitForAnswers(1);
  EXPECT_EQ(answer().status, 202);
  EXPECT_EQ(spec()["startDeadlineSeconds"], 60);
  EXPECT_EQ(followers_.count(), 0U);
}

TEST_F(GatewayTest, WhatIsBeingValidatedIsAccepted) {
  call(http::Method::Post, kFailover, token());
  becomes("Validating");
  waitForAnswers(1);
  EXPECT_EQ(answer().status, 202);
}

TEST_F(GatewayTest, WhatWaitsBehindAnotherIsWithdrawn) {
  call(http::Method::Post, kFailover, token());
  becomes("Queued");
  waitForAnswers(1);
  EXPECT_EQ(answer().status, 409);
  EXPECT_THAT(answer().body, HasSubstr("Busy"));
  EXPECT_TRUE(server_.objects_.empty());
}

TEST_F(GatewayTest, WhatHasItsTurnAfterAllIsNotWithdrawn) {
  server_.keeps_ = true;
  call(http::Method::Post, kFailover, token());
  becomes("Queued");
  // The watch is behind: only the API server knows.
  server_.objects_.at(server_.created_.back())["status"] = {{"phase", "Demoting"}};
  waitForAnswers(1);
  EXPECT_EQ(answer().status, 202);
}

TEST_F(GatewayTest, WhatCantBeWithdrawnIsSaid) {
  server_.keeps_ = true;
  call(http::Method::Post, kFailover, token());
  becomes("Queued");
  waitForAnswers(1);
  EXPECT_EQ(answer().status, 500);
  EXPECT_THAT(answer().body, HasSubstr("could not be withdrawn"));
}

TEST_F(GatewayTest, ALostAnswerToTheCreationIsNoFailure) {
  server_.loseAnswers_ = true;
  call(http::Method::Post, kSwap, token());
  ASSERT_THAT(server_.created_, SizeIs(1));
  EXPECT_THAT(answers_, SizeIs(0));
  becomes("Succeeded");
  EXPECT_EQ(answer().status, 204);
}

TEST_F(GatewayTest, AReplicaThatStopsAnswersThoseWhoWait) {
  call(http::Method::Post, kSwap, token());
  becomes("Promoting");
  call(http::Method::Post, kFailover, token());
  followers_.stop();
  ASSERT_THAT(answers_, SizeIs(2));
  EXPECT_EQ(answers_[0].status, 500) << "it has not ended";
  EXPECT_THAT(answers_[0].body, HasSubstr("SwitchoverRequest shop/" + server_.created_[0] + " goes on"));
  EXPECT_EQ(answers_[1].status, 202) << "it is stored, and goes on";
}

TEST_F(GatewayTest, AReplicaThatStopsMakesNoRequest) {
  stopping_ = true;
  call(http::Method::Post, kSwap, token());
  EXPECT_EQ(answer().status, 500);
  EXPECT_THAT(answer().body, HasSubstr("nothing has changed"));
  EXPECT_THAT(server_.created_, SizeIs(0));
}

TEST_F(GatewayTest, NewsOfAnEarlierRequestOfThatNameEndsNothing) {
  call(http::Method::Post, kSwap, token());
  Json earlier = server_.objects_.at(server_.created_.back());
  earlier["metadata"]["uid"] = "uid-0";
  earlier["metadata"]["resourceVersion"] = "0";
  followers_.seen(std::make_shared<const api::SwitchoverRequest>(api::switchoverFromJson(earlier)), false);
  followers_.seen(std::make_shared<const api::SwitchoverRequest>(api::switchoverFromJson(earlier)), true);
  EXPECT_THAT(answers_, SizeIs(0));
}

TEST_F(GatewayTest, WhoAsksTooOftenIsTold) {
  overdrawn_ = {"admin"};
  call(http::Method::Post, kSwap, token());
  EXPECT_EQ(answer().status, 429);
  EXPECT_EQ(Json::parse(answer().body)["error_code"], "APIG.0308");
  EXPECT_EQ(header("Retry-After"), "1");
  call(http::Method::Post, kFailover, token());
  EXPECT_EQ(answer().status, 429);
  EXPECT_THAT(server_.created_, SizeIs(0));
}

TEST_F(GatewayTest, ATaskOfAnotherReplicaIsWaitedForAMoment) {
  call(http::Method::Post, kFailover, token());
  becomes("Demoting");
  const auto request = groups_.requests_.begin()->second;
  groups_.requests_.clear();
  call(http::Method::Get, kTask + "uid-1", token());
  EXPECT_THAT(answers_, SizeIs(1));
  followers_.seen(request, false);
  EXPECT_EQ(answer().status, 200);
  EXPECT_EQ(Json::parse(answer().body)["data"]["groupId"], "g1") << "as it was called";
  call(http::Method::Get, kTask + "uid-2", token());
  waitForAnswers(3);
  EXPECT_EQ(answer().status, 404);
}

TEST_F(GatewayTest, TasksAreNotSaidToBeUnknownBeforeAllIsListed) {
  groups_.ready_ = false;
  call(http::Method::Get, kTask + "uid-1", token());
  EXPECT_EQ(answer().status, 500);
}

TEST_F(GatewayTest, APageOfAnotherSiteSwitchesNothing) {
  auto headers = token();
  headers.emplace_back("Sec-Fetch-Site", "cross-site");
  call(http::Method::Post, kSwap, headers);
  EXPECT_EQ(answer().status, 401);
  headers.back() = {"Origin", "https://elsewhere.example.com"};
  call(http::Method::Post, kSwap, headers);
  EXPECT_EQ(answer().status, 401);
  headers.back() = {"Sec-Fetch-Site", "same-origin"};
  headers.emplace_back("Origin", "https://x");
  call(http::Method::Post, kSwap, headers);
  EXPECT_THAT(server_.created_, SizeIs(1));
}

TEST_F(GatewayTest, WhatCantBeDecodedIsCounted) {
  call(http::Method::Get, "/%zz", token());
  EXPECT_EQ(answered_[" 400"], 1);
}

}  // namespace
}  // namespace baton::gateway
