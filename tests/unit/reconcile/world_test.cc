// What a decision gets to see of a group: its members, its requests, its Services.
#include "unit/reconcile/world_fixture.h"

namespace baton::reconcile {
namespace {

using namespace std::chrono_literals;
using api::Phase;

class WorldView : public WorldTest {
 protected:
  WorldView() { told(group("orders")); }
  static Labels ofOrders(const std::string& role = "") {
    Labels l = {{"cluster", "orders"}};
    if (!role.empty()) l.emplace_back("ha.baton.dev/role", role);
    return l;
  }
};

TEST_F(WorldView, NoGroupNoView) {
  EXPECT_FALSE(world_.view("shop", "bills", begin()));
  EXPECT_FALSE(world_.view("test", "orders", begin()));
  const auto v = world_.view("shop", "orders", begin() + 5s);
  ASSERT_TRUE(v);
  EXPECT_EQ(v->snapshot.now, begin() + 5s);
  EXPECT_EQ(v->group->meta.key(), "shop/orders");
  EXPECT_THAT(v->snapshot.members, IsEmpty());
  EXPECT_FALSE(v->snapshot.routed);
}

TEST_F(WorldView, MembersStandByName) {
  for (const char* name : {"orders-2", "orders-0", "orders-10", "orders-1"}) told(pod(name, ofOrders()));
  EXPECT_THAT(members(), ElementsAre("orders-0", "orders-1", "orders-10", "orders-2"));
  const View v = view();
  ASSERT_EQ(v.pods.size(), v.snapshot.members.size());
  for (size_t i = 0; i < v.pods.size(); ++i) EXPECT_EQ(v.pods[i]->meta.name, v.snapshot.members[i].name);
  ASSERT_NE(v.pod("orders-10"), nullptr);
  EXPECT_EQ(v.pod("orders-10")->meta.uid, "uid-orders-10");
  EXPECT_EQ(v.pod("orders-3"), nullptr);
}

TEST_F(WorldView, TheRoleLabelIsRead) {
  const std::pair<const char*, ha::Label> labels[] = {{"", ha::Label::None},
                                                      {"primary", ha::Label::Primary},
                                                      {"standby", ha::Label::Standby},
                                                      {"Primary", ha::Label::Other}};
  for (const auto& [word, label] : labels) {
    told(pod("orders-0", ofOrders(word)));
    EXPECT_EQ(member().label, label) << word;
  }
}

TEST_F(WorldView, TheRoleLabelIsTheGroups) {
  told(group("orders", {{"roleLabel", {{"key", "role"}, {"primary", "master"}, {"standby", "replica"}}}}));
  told(pod("orders-0", {{"cluster", "orders"}, {"role", "master"}, {"ha.baton.dev/role", "standby"}}));
  told(pod("orders-1", {{"cluster", "orders"}, {"role", "replica"}}));
  EXPECT_EQ(member().label, ha::Label::Primary);
  EXPECT_EQ(member("orders-1").label, ha::Label::Standby);
}

TEST_F(WorldView, OnlyANumberIsAnEpoch) {
  const std::pair<const char*, int64_t> annotations[] = {{"", -1},
                                                         {"7", 7},
                                                         {"0", 0},
                                                         {"-7", -1},
                                                         {"7x", -1},
                                                         {" 7", -1},
                                                         {"0x7", -1},
                                                         {"7.0", -1},
                                                         {"9223372036854775807", INT64_MAX},
                                                         {"99999999999999999999", -1}};
  for (const auto& [annotation, epoch] : annotations) {
    api::Pod p = pod("orders-0", ofOrders());
    p.epochAnnotation = annotation;
    told(p);
    EXPECT_EQ(member().labelEpoch, epoch) << '"' << annotation << '"';
  }
}

TEST_F(WorldView, WhoseContainerHasEndedSinceWasRestarted) {
  api::Pod p = pod("orders-0", ofOrders());
  p.epochAnnotation = "7";
  p.containerEnds = 2;
  told(p);
  EXPECT_TRUE(member().knows(7) && !member().restarted());  // labelled before Baton noted how often
  p.endsWhenFollowed = 2;
  told(p);
  EXPECT_TRUE(member().knows(7) && !member().restarted());
  p.containerEnds = 3;
  told(p);
  EXPECT_TRUE(!member().knows(7) && member().restarted());
  p.containerEnds = 0;  // the kubelet has lost its count
  told(p);
  EXPECT_TRUE(member().restarted());
}

TEST_F(WorldView, OnlyWhoRunsAndStaysIsReady) {
  api::Pod p = pod("orders-0", ofOrders());
  told(p);
  EXPECT_TRUE(member().ready && !member().terminating && !member().finished);
  EXPECT_EQ(member().created, begin());
  p.meta.deleted = begin() + 1s;
  told(p);
  EXPECT_TRUE(member().terminating && !member().ready);
  p.meta.deleted.reset();
  p.finished = true;
  told(p);
  EXPECT_TRUE(member().finished && !member().ready);
  p.finished = false;
  p.ready = false;
  told(p);
  EXPECT_FALSE(member().ready || member().finished || member().terminating);
}

TEST_F(WorldView, ZoneAndCordonAreTheNodes) {
  api::Pod p = pod("orders-0", ofOrders());
  p.node = Interned("n1");
  told(p);
  told(pod("orders-1", ofOrders()));
  EXPECT_TRUE(member().zone.empty() && !member().cordoned);
  told(node("n1", "z1", true));
  told(node("n2", "z2"));
  EXPECT_EQ(member().zone, "z1");
  EXPECT_TRUE(member().cordoned);
  EXPECT_TRUE(member("orders-1").zone.empty());
  EXPECT_FALSE(member("orders-1").cordoned);
}

TEST_F(WorldView, ThePriorityLabelIsTheGroups) {
  told(pod("orders-0", {{"cluster", "orders"}, {"ha.baton.dev/priority", "5"}, {"rank", "7"}}));
  told(pod("orders-1", ofOrders()));
  EXPECT_EQ(member().priorityLabel, "5");
  EXPECT_EQ(member("orders-1").priorityLabel, "");
  told(group("orders", {{"candidatePolicy", {{"priorityLabel", "rank"}}}}));
  EXPECT_EQ(member().priorityLabel, "7");
}

TEST_F(WorldView, AContestedPodIsTheOlderGroups) {
  const Json dbs = {{"selector", {{"matchLabels", {{"app", "db"}}}}}};
  told(pod("orders-0", {{"cluster", "orders"}, {"app", "db"}}));
  told(pod("orders-1", ofOrders()));
  api::HaGroup g = group("dbs", dbs);
  g.meta.created = begin() - 1s;
  told(g);
  EXPECT_THAT(members("dbs"), ElementsAre("orders-0"));
  EXPECT_THAT(members(), ElementsAre("orders-1"));
  EXPECT_THAT(view().snapshot.contested, ElementsAre("orders-0"));
  EXPECT_THAT(view("dbs").snapshot.contested, IsEmpty());
  EXPECT_EQ(view().pod("orders-0"), nullptr);
  gone(g);
  EXPECT_THAT(members(), ElementsAre("orders-0", "orders-1"));
  EXPECT_THAT(view().snapshot.contested, IsEmpty());
}

TEST_F(WorldView, AContestedNameIsTheOlderGroups) {
  const Json apis = {{"dcs", {{"projectId", "p"}, {"instanceId", "i-1"}}}, {"hcx", {{"groupId", "g-1"}}}};
  told(group("orders", {{"apis", apis}}));
  EXPECT_THAT(view().snapshot.contestedNames, IsEmpty());
  api::HaGroup g = group("dbs", {{"selector", {{"matchLabels", {{"app", "db"}}}}}, {"apis", {{"dcs", apis["dcs"]}}}});
  g.meta.created = begin() - 1s;
  told(g);
  EXPECT_THAT(view().snapshot.contestedNames, ElementsAre("dcs i-1 (group dbs)"));
  EXPECT_THAT(view("dbs").snapshot.contestedNames, IsEmpty());
  gone(g);
  EXPECT_THAT(view().snapshot.contestedNames, IsEmpty());
}

/// As with --namespaces: each has a World of its own.
TEST_F(WorldView, ANameIsContestedAcrossNamespaces) {
  const auto names = std::make_shared<ApiIndex>();
  const auto mark = [this](const std::string& key) { dirty_.insert(key); };
  World shop(mark, names), bank(mark, names);
  const Json spec = {{"apis", {{"dcs", {{"projectId", "p"}, {"instanceId", "i-1"}}}}}};
  const auto tell = [](World& world, kube::EventType type, const api::HaGroup& g) {
    world.groups().apply(type, std::make_shared<const api::HaGroup>(g));
  };
  const auto contested = [](const World& world, const char* ns) {
    return world.view(ns, "orders", begin())->snapshot.contestedNames;
  };
  api::HaGroup mine = group("orders", spec), older = group("orders", spec, "bank");
  older.meta.created = mine.meta.created - 1s;
  tell(shop, kube::EventType::Added, mine);
  dirty_.clear();
  tell(bank, kube::EventType::Added, older);
  EXPECT_THAT(dirty_, UnorderedElementsAre("bank/orders", "shop/orders"));
  EXPECT_THAT(contested(shop, "shop"), ElementsAre("dcs i-1 (a group of another namespace)"));
  EXPECT_THAT(contested(bank, "bank"), IsEmpty());
  EXPECT_EQ(shop.named({api::ApiKind::Dcs, "i-1", "p"})->group->meta.ns, "bank") << "whichever is asked";
  dirty_.clear();
  tell(bank, kube::EventType::Deleted, older);
  EXPECT_EQ(dirty_.count("shop/orders"), 1U);
  EXPECT_THAT(contested(shop, "shop"), IsEmpty());
}

TEST_F(WorldView, OfTwoGroupsOfOneMomentTheFirstByNameHasThePod) {
  const Json dbs = {{"selector", {{"matchLabels", {{"app", "db"}}}}}};
  told(group("zebras", dbs));
  told(pod("orders-0", {{"cluster", "orders"}, {"app", "db"}}));
  told(group("orders", {{"selector", {{"matchLabels", {{"cluster", "orders"}}}}}}, "test"));
  EXPECT_THAT(members(), ElementsAre("orders-0"));
  EXPECT_THAT(members("zebras"), IsEmpty());
  EXPECT_THAT(view("zebras").snapshot.contested, ElementsAre("orders-0"));
}

TEST_F(WorldView, RequestsAreThoseOfTheGroup) {
  told(request("move-1"));
  told(request("move-2", "bills"));
  told(request("move-3", "orders", Json::object(), "test"));
  EXPECT_THAT(requests(), ElementsAre("move-1"));
}

TEST_F(WorldView, FinishedRequestsAreLeftOut) {
  told(ended("done", Phase::Succeeded, begin() - 60s, {{"ttlSecondsAfterFinished", 100}}));
  told(ended("failed", Phase::Failed, begin() - 90s, {{"ttlSecondsAfterFinished", 100}}));
  told(request("waiting"));
  EXPECT_THAT(requests(), ElementsAre("waiting"));
  ASSERT_TRUE(view().nextRemoval);
  EXPECT_EQ(*view().nextRemoval, begin() + 10s);
}

TEST_F(WorldView, NoRemovalWithoutAnEnd) {
  told(request("waiting"));
  EXPECT_FALSE(view().nextRemoval);
  // A status that somebody wrote by hand: nobody knows when it ended.
  api::SwitchoverRequest r = request("by-hand");
  r.status.phase = Phase::Succeeded;
  told(r);
  EXPECT_THAT(requests(), UnorderedElementsAre("waiting", "by-hand"));
  EXPECT_FALSE(view().nextRemoval);
}

TEST_F(WorldView, AFinishedRequestWhoseTimeIsOverIsShownForItsRemoval) {
  told(ended("due", Phase::Rejected, begin() - 100s, {{"ttlSecondsAfterFinished", 100}}));
  told(ended("at-once", Phase::Succeeded, begin(), {{"ttlSecondsAfterFinished", 0}}));
  told(ended("later", Phase::Succeeded, begin(), {{"ttlSecondsAfterFinished", 1}}));
  EXPECT_THAT(requests(), UnorderedElementsAre("due", "at-once"));
  EXPECT_EQ(*view().nextRemoval, begin() + 1s);
}

TEST_F(WorldView, AFinishedRequestThatTheGroupShowsAsActiveIsShown) {
  told(ended("done", Phase::Succeeded, begin() - 1s));
  EXPECT_THAT(requests(), IsEmpty());
  api::HaGroup g = group("orders");
  g.status.activeRequest = "done";
  told(g);
  EXPECT_THAT(requests(), ElementsAre("done"));
}

TEST_F(WorldView, AHeldRequestIsShownAsLongAsItsEpochLasts) {
  api::SwitchoverRequest held = ended("held", Phase::Failed, begin() - 1s, {{"onFailure", "Hold"}});
  held.status.epoch = 4;
  told(held);
  api::SwitchoverRequest rolledBack = ended("rolled-back", Phase::RolledBack, begin() - 1s, {{"onFailure", "Hold"}});
  rolledBack.status.epoch = 4;
  told(rolledBack);
  api::SwitchoverRequest failed = ended("failed", Phase::Failed, begin() - 1s);
  failed.status.epoch = 4;
  told(failed);
  api::HaGroup g = group("orders");
  g.status.epoch = 4;
  told(g);
  EXPECT_THAT(requests(), ElementsAre("held"));
  g.status.epoch = 5;
  told(g);
  EXPECT_THAT(requests(), IsEmpty());
}

class WorldServices : public WorldView {
 protected:
  WorldServices() { told(pod("orders-0", {{"cluster", "orders"}, {"app", "db"}, {"ha.baton.dev/role", "primary"}})); }
  Labels primary(Labels more) const {
    more.emplace_back("ha.baton.dev/role", "primary");
    return more;
  }
};

TEST_F(WorldServices, ThoseThatSelectThePrimaryAreNamed) {
  told(service("orders", primary({{"cluster", "orders"}})));
  told(service("orders-rw", primary({{"app", "db"}})));
  told(service("orders-any", primary({})));
  told(service("orders-all", {{"cluster", "orders"}}));
  told(service("orders-ro", {{"cluster", "orders"}, {"ha.baton.dev/role", "standby"}}));
  told(service("bills", primary({{"cluster", "bills"}})));
  told(service("headless", {}));
  told(service("orders", primary({{"cluster", "orders"}}), "test"));
  EXPECT_THAT(services(), UnorderedElementsAre("orders", "orders-rw", "orders-any"));
  EXPECT_TRUE(view().snapshot.routed);
}

TEST_F(WorldServices, AChangedOrDeletedServiceIsForgotten) {
  told(service("orders", primary({{"cluster", "orders"}})));
  told(service("orders-rw", primary({{"cluster", "orders"}})));
  told(service("orders", {{"cluster", "orders"}}));
  EXPECT_THAT(services(), ElementsAre("orders-rw"));
  told(service("orders-rw", {}));
  EXPECT_THAT(services(), IsEmpty());
  EXPECT_FALSE(view().snapshot.routed);
  told(service("orders", primary({{"cluster", "orders"}})));
  EXPECT_THAT(services(), ElementsAre("orders"));
  gone(service("orders", {}));
  EXPECT_FALSE(view().snapshot.routed);
}

TEST_F(WorldServices, TheRoleLabelIsTheGroups) {
  told(group("orders", {{"roleLabel", {{"key", "role"}, {"primary", "master"}}}}));
  told(service("by-default", primary({{"cluster", "orders"}})));
  told(service("by-role", {{"cluster", "orders"}, {"role", "master"}}));
  EXPECT_THAT(services(), ElementsAre("by-role"));
}

}  // namespace
}  // namespace baton::reconcile
