// Which groups are looked at anew after which change, and that nothing ever becomes older.
#include "unit/reconcile/world_fixture.h"

namespace baton::reconcile {
namespace {

using namespace std::chrono_literals;

class WorldDirt : public WorldTest {
 protected:
  WorldDirt() {
    told(group("orders"));
    told(group("bills"));
    told(pod("orders-0", {{"cluster", "orders"}}));
    told(pod("bills-0", {{"cluster", "bills"}}));
  }
};

TEST_F(WorldDirt, AGroupIsItsOwn) {
  api::HaGroup g = group("orders", {{"paused", true}});
  g.meta.generation = 2;
  EXPECT_THAT(told(g), ElementsAre("shop/orders"));
  EXPECT_THAT(told(group("orders", Json::object(), "test")), ElementsAre("test/orders"));
  EXPECT_THAT(gone(g), ElementsAre("shop/orders"));
  EXPECT_FALSE(world_.has("shop", "orders"));
  EXPECT_TRUE(world_.has("test", "orders"));
}

TEST_F(WorldDirt, WhoClaimsTheSameNameIsLookedAtAnew) {
  const Json apis = {{"apis", {{"hcx", {{"groupId", "g-1"}}}}}};
  api::HaGroup orders = group("orders", apis), bills = group("bills", apis);
  orders.meta.generation = bills.meta.generation = 2;
  told(orders);
  EXPECT_THAT(told(bills), UnorderedElementsAre("shop/bills", "shop/orders"));
  bills.status.epoch = 4;
  EXPECT_THAT(told(bills), ElementsAre("shop/bills")) << "a status changes no name";
  bills = group("bills");
  bills.meta.generation = 3;
  EXPECT_THAT(told(bills), UnorderedElementsAre("shop/bills", "shop/orders"));
}

TEST_F(WorldDirt, AnOwnWriteOfAGroupIsNoNews) {
  api::HaGroup g = group("orders");
  g.status.epoch = 4;
  EXPECT_THAT(learned(g), IsEmpty());
  EXPECT_EQ(view().snapshot.group.status.epoch, 4);
  EXPECT_THAT(toldLate(g, version_), IsEmpty());
  EXPECT_EQ(view().snapshot.group.status.epoch, 4);
}

TEST_F(WorldDirt, AnOwnWriteOfARequestIsNoNews) {
  api::SwitchoverRequest r = request("move-1");
  EXPECT_THAT(told(r), ElementsAre("shop/orders"));
  r.status.phase = api::Phase::Demoting;
  EXPECT_THAT(learned(r), IsEmpty());
  EXPECT_EQ(world_.request("shop", "move-1")->status.phase, api::Phase::Demoting);
  EXPECT_THAT(toldLate(r, version_), IsEmpty());
  // Nor is a later version that differs only in what nobody acts on.
  EXPECT_THAT(told(r), IsEmpty());
}

TEST_F(WorldDirt, WhatOthersChangeInARequestIsNews) {
  api::SwitchoverRequest r = request("move-1");
  told(r);
  r.status.phase = api::Phase::Failed;
  EXPECT_THAT(told(r), ElementsAre("shop/orders"));
  r.spec.cancel = true;
  r.meta.generation = 2;
  EXPECT_THAT(told(r), ElementsAre("shop/orders"));
  r.meta.deleted = begin();
  EXPECT_THAT(told(r), ElementsAre("shop/orders"));
  EXPECT_THAT(gone(r), ElementsAre("shop/orders"));
  EXPECT_THAT(requests(), IsEmpty());
  EXPECT_EQ(world_.request("shop", "move-1"), nullptr);
}

TEST_F(WorldDirt, ARequestMadeAnewForAnotherGroupIsNewsForBoth) {
  told(request("move-1"));
  api::SwitchoverRequest other = request("move-1", "bills");
  other.meta.uid = "another";
  EXPECT_THAT(told(other), UnorderedElementsAre("shop/orders", "shop/bills"));
  EXPECT_THAT(requests(), IsEmpty());
  ASSERT_EQ(view("bills").snapshot.requests.size(), 1U);
  EXPECT_EQ(view("bills").snapshot.requests[0].meta.uid, "another");
  EXPECT_THAT(gone(other), ElementsAre("shop/bills"));
  EXPECT_THAT(view("bills").snapshot.requests, IsEmpty());
}

TEST_F(WorldDirt, ARequestMadeAnewUnderItsNameIsNews) {
  // Its deletion was missed, as a list tells only of what is there.
  told(request("move-1", "orders", {{"candidate", "orders-1"}}));
  api::SwitchoverRequest again = request("move-1", "orders", {{"candidate", "orders-2"}});
  again.meta.uid = "another";
  EXPECT_THAT(told(again), ElementsAre("shop/orders"));
  ASSERT_EQ(view().snapshot.requests.size(), 1U);
  EXPECT_EQ(view().snapshot.requests[0].spec.candidate, "orders-2");
}

TEST_F(WorldDirt, OnlyWhatDecidesAboutAPodIsNews) {
  api::Pod p = pod("orders-0", {{"cluster", "orders"}});
  EXPECT_THAT(told(p), IsEmpty());
  p.ready = false;
  EXPECT_THAT(told(p), ElementsAre("shop/orders"));
  EXPECT_THAT(told(pod("orders-0", {{"cluster", "orders"}, {"ha.baton.dev/role", "primary"}})),
              ElementsAre("shop/orders"));
  EXPECT_THAT(told(pod("nobody", {{"app", "web"}})), IsEmpty());
  EXPECT_THAT(told(pod("orders-0", {{"cluster", "orders"}}, "test")), IsEmpty());
}

TEST_F(WorldDirt, APodThatChangesItsGroupIsNewsForBoth) {
  EXPECT_THAT(told(pod("orders-0", {{"cluster", "bills"}})), UnorderedElementsAre("shop/orders", "shop/bills"));
  EXPECT_THAT(members(), IsEmpty());
  EXPECT_THAT(members("bills"), ElementsAre("bills-0", "orders-0"));
  EXPECT_THAT(gone(pod("orders-0", {{"cluster", "bills"}})), ElementsAre("shop/bills"));
  EXPECT_THAT(members("bills"), ElementsAre("bills-0"));
}

TEST_F(WorldDirt, ANodeIsNewsForTheGroupsWithPodsOnIt) {
  for (const char* name : {"orders-0", "bills-0"}) {
    api::Pod p = pod(name, {{"cluster", std::string(name).substr(0, std::string(name).find('-'))}});
    p.node = Interned(std::string("node-of-") + name);
    told(p);
  }
  EXPECT_THAT(told(node("node-of-orders-0", "z1")), ElementsAre("shop/orders"));
  EXPECT_THAT(told(node("node-of-orders-0", "z1")), IsEmpty());
  EXPECT_THAT(told(node("node-of-orders-0", "z1", true)), ElementsAre("shop/orders"));
  EXPECT_THAT(told(node("empty", "z1", true)), IsEmpty());
  EXPECT_THAT(gone(node("node-of-orders-0")), ElementsAre("shop/orders"));
  EXPECT_FALSE(member().cordoned);
}

TEST_F(WorldDirt, AGroupThatComesOrGoesIsNewsForThoseThatShareItsPods) {
  const Json all = Json::parse(R"({"selector": {"matchExpressions": [
      {"key": "cluster", "operator": "NotIn", "values": ["bills"]}]}})");
  api::HaGroup older = group("a", all);
  older.meta.created = begin() - 1h;
  EXPECT_THAT(told(older), UnorderedElementsAre("shop/a", "shop/orders"));
  EXPECT_THAT(members(), IsEmpty());
  EXPECT_THAT(gone(older), UnorderedElementsAre("shop/a", "shop/orders"));
  EXPECT_THAT(members(), ElementsAre("orders-0"));
}

TEST_F(WorldDirt, ANewGroupTakesNobodyForAPodOfAnotherNamespace) {
  told(pod("carts-0", {{"cluster", "carts"}}, "test"));
  told(pod("carts-0", {{"cluster", "orders"}}));
  told(pod("carts-1", {{"cluster", "carts"}}));
  EXPECT_THAT(told(group("carts")), ElementsAre("shop/carts"));
  EXPECT_THAT(members("carts"), ElementsAre("carts-1"));
}

TEST_F(WorldDirt, AListTellsOfWhatIsMissing) {
  api::Pod p = pod("bills-0", {{"cluster", "bills"}});
  world_.pods().replace({shared(p)}, ++version_);
  EXPECT_THAT(std::exchange(dirty_, {}), ElementsAre("shop/orders"));
  EXPECT_THAT(members(), IsEmpty());
  world_.groups().replace({}, ++version_);
  EXPECT_THAT(std::exchange(dirty_, {}), UnorderedElementsAre("shop/orders", "shop/bills"));
  EXPECT_THAT(world_.groupKeys(), IsEmpty());
}

TEST_F(WorldDirt, WhatWasReadMayConcernOthersToo) {
  told(group("orders"));
  told(group("bills"));
  api::Pod p = pod("orders-0", {{"cluster", "orders"}});
  told(p);
  dirty_.clear();
  p = pod("orders-0", {{"cluster", "bills"}});
  p.meta.resourceVersion = ++version_;
  world_.seen(shared(p));
  EXPECT_THAT(std::exchange(dirty_, {}), UnorderedElementsAre("shop/orders", "shop/bills"));
}

TEST_F(WorldDirt, WhatIsLearnedLateMakesNothingOlder) {
  api::Pod p = pod("orders-0", {{"cluster", "orders"}, {"ha.baton.dev/role", "standby"}});
  p.meta.resourceVersion = version_ + 1;
  const auto answer = shared(p);
  told(pod("orders-0", {{"cluster", "orders"}}));
  told(pod("orders-0", {{"cluster", "orders"}, {"ha.baton.dev/role", "primary"}}));
  world_.seen(answer);
  EXPECT_EQ(member().label, ha::Label::Primary);

  api::HaGroup g = group("orders");
  g.status.epoch = 5;
  told(g);
  g.status.epoch = 4;
  g.meta.resourceVersion = version_ - 1;
  world_.learned(shared(g));
  EXPECT_EQ(view().snapshot.group.status.epoch, 5);
}

TEST_F(WorldDirt, WhatTheWatchTellsLateMakesNothingOlder) {
  api::SwitchoverRequest r = request("move-1");
  told(r);
  const uint64_t early = version_ + 1;
  version_ += 5;
  r.status.phase = api::Phase::Promoting;
  learned(r);
  r.status.phase = api::Phase::Demoting;
  EXPECT_THAT(toldLate(r, early), IsEmpty());
  EXPECT_EQ(world_.request("shop", "move-1")->status.phase, api::Phase::Promoting);
}

TEST_F(WorldDirt, WhatIsGoneIsNotLearnedBack) {
  api::SwitchoverRequest r = request("move-1");
  told(r);
  gone(r);
  r.status.phase = api::Phase::Demoting;
  learned(r);
  EXPECT_EQ(world_.request("shop", "move-1"), nullptr);
  gone(group("orders"));
  learned(group("orders"));
  EXPECT_FALSE(world_.has("shop", "orders"));
}

TEST_F(WorldDirt, APodMadeAnewUnderItsNameIsAnotherOne) {
  api::Pod again = pod("orders-0", {{"cluster", "orders"}});
  again.meta.uid = "another";
  EXPECT_THAT(told(again), ElementsAre("shop/orders"));
  EXPECT_EQ(member().uid, "another");
  // The old one's deletion is told late, or its label was still being written.
  EXPECT_THAT(gone(pod("orders-0", {{"cluster", "orders"}})), IsEmpty());
  EXPECT_THAT(members(), ElementsAre("orders-0"));
  EXPECT_EQ(member().uid, "another");
}

TEST_F(WorldDirt, OrphansAreTheRequestsOfAGroupThatIsNotThere) {
  told(request("move-1", "carts"));
  told(request("move-2", "orders"));
  told(request("move-3", "carts", Json::object(), "test"));
  ASSERT_EQ(world_.orphans("shop", "carts").size(), 1U);
  EXPECT_EQ(world_.orphans("shop", "carts")[0].meta.name, "move-1");
  EXPECT_THAT(world_.orphans("shop", "orders"), IsEmpty());
  told(group("carts"));
  EXPECT_THAT(world_.orphans("shop", "carts"), IsEmpty());
  gone(group("orders"));
  ASSERT_EQ(world_.orphans("shop", "orders").size(), 1U);
  EXPECT_EQ(world_.orphans("shop", "orders")[0].meta.name, "move-2");
  size_t all = 0;
  world_.forEachRequest([&](const api::SwitchoverRequest&) { ++all; });
  EXPECT_EQ(all, 3U);
}

}  // namespace
}  // namespace baton::reconcile
