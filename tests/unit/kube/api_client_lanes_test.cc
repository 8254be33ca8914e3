// In which order requests go, how many at once, and what is not sent any more.
#include <gmock/gmock.h>

#include "unit/kube/api_client_fixture.h"

namespace baton::kube {
namespace {

using namespace std::chrono_literals;

using ApiClientLanes = ApiClientTest;

TEST_F(ApiClientLanes, LimitsRequestsUnderWay) {
  make();
  for (const char* target : {"a", "b", "c", "d"}) send(request(target));
  EXPECT_EQ(waitingTargets(), (Ended{"a", "b"}));
  requests().answer(200);
  EXPECT_EQ(waitingTargets(), (Ended{"b", "c"}));
  requests().fail(cancelled("x"));
  EXPECT_EQ(waitingTargets(), (Ended{"c", "d"}));
}

TEST_F(ApiClientLanes, LanesAreStrict) {
  most = 1;
  make();
  send(request("first"));
  send(request("event1", Lane::Event));
  send(request("normal1"));
  send(request("event2", Lane::Event));
  send(request("normal2"));
  // Two more for role changes; the third waits, before all others.
  for (const char* target : {"role1", "role2", "role3"}) send(request(target, Lane::RoleChange));
  EXPECT_EQ(waitingTargets(), (Ended{"first", "role1", "role2"}));
  Ended order;
  while (!requests().sent.empty()) {
    order.push_back(requests().sent.front().request.target);
    requests().answer(200);
  }
  EXPECT_EQ(order, (Ended{"first", "role1", "role2", "role3", "normal1", "normal2"}));
  clock.advance(50ms);
  runLater();
  EXPECT_EQ(waitingTargets(), Ended{"event1"});
  requests().answer(200);
  EXPECT_EQ(waitingTargets(), Ended{"event2"});
}

TEST_F(ApiClientLanes, EventsGoAtOnceWhenNothingElseWasUnderWay) {
  make();
  send(request("event1", Lane::Event));
  send(request("event2", Lane::Event));
  EXPECT_EQ(waitingTargets(), (Ended{"event1", "event2"}));
}

TEST_F(ApiClientLanes, EventsWaitUntilNothingElseWasUnderWayForAWhile) {
  make();
  send(request("write"));
  send(request("event", Lane::Event));
  clock.advance(1s);
  runLater();
  EXPECT_EQ(waitingTargets(), Ended{"write"}) << "there would be room for two";
  requests().answer(200);
  clock.advance(49ms);
  runLater();
  EXPECT_EQ(waitingTargets(), Ended{}) << "the next write of the same role change may be about to come";
  clock.advance(1ms);
  runLater();
  EXPECT_EQ(waitingTargets(), Ended{"event"});
}

TEST_F(ApiClientLanes, EventsDoNotWaitForEver) {
  make();
  send(request("write"));
  send(request("event", Lane::Event));
  clock.advance(10s);
  runLater();
  EXPECT_EQ(waitingTargets(), (Ended{"write", "event"}));
}

TEST_F(ApiClientLanes, WhatIsNotWantedAnyMoreIsNotSent) {
  most = 1;
  make();
  bool wanted = true;
  send(request("first"));
  ApiRequest q = request("write");
  q.stillWanted = [&] { return wanted; };
  send(q);
  wanted = false;  // such as a lost lease, while it waited
  requests().answer(200);
  runLater();
  EXPECT_EQ(waitingTargets(), Ended{});
  EXPECT_EQ(ended["write"], Ended{"cancelled"});
  send(request("next"));
  EXPECT_EQ(waitingTargets(), Ended{"next"}) << "its place is free again";
}

TEST_F(ApiClientLanes, WhatIsNotWantedAnyMoreIsNotRepeated) {
  make();
  bool wanted = true;
  ApiRequest q = request("write");
  q.stillWanted = [&] { return wanted; };
  send(q);
  wanted = false;
  requests().answer(503);
  runLater();
  runLater();
  EXPECT_EQ(waitingTargets(), Ended{});
  EXPECT_EQ(ended["write"], Ended{"cancelled"});
}

TEST_F(ApiClientLanes, EventsThatWaitBehindOneThatWaitedLongGoWithIt) {
  most = 3;
  make();
  send(request("write"));
  for (const char* target : {"e1", "e2", "e3"}) {
    send(request(target, Lane::Event));
    clock.advance(4s);
  }
  runLater();
  EXPECT_EQ(waitingTargets(), (Ended{"write", "e1", "e2"}));
  send(request("write2", Lane::RoleChange));
  requests().answer(200);
  requests().answer(200);
  EXPECT_EQ(waitingTargets(), (Ended{"e2", "write2", "e3"})) << "until none is left";
}

TEST_F(ApiClientLanes, ALeaseNeverWaits) {
  most = 32;
  make();
  for (int i = 0; i < 100; ++i) send(request("busy" + std::to_string(i)));
  EXPECT_EQ(requests().sent.size(), 32u);
  for (int i = 0; i < 3; ++i) send(request("lease" + std::to_string(i), Lane::Lease));
  ASSERT_EQ(lease().sent.size(), 3u) << "on a transport of its own";
  lease().answer(200);
  EXPECT_EQ(ended["lease0"], Ended{"200 "});
  EXPECT_EQ(requests().sent.size(), 32u) << "and its end makes no place for others";
}

}  // namespace
}  // namespace baton::kube
