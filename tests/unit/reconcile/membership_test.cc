// Which pods are whose, whatever comes first.
#include "reconcile/membership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "reconcile/world.h"
#include "unit/reconcile/objects.h"

namespace baton::reconcile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Names = std::vector<std::string>;

Json labels(const Labels& all) {
  Json j;
  for (const auto& [k, v] : all) j["matchLabels"][k] = v;
  return j;
}
Json expression(const std::string& key, const std::string& op, const Names& values = {}) {
  Json e = {{"key", key}, {"operator", op}};
  if (!values.empty()) e["values"] = values;
  return {{"matchExpressions", Json::array({e})}};
}
Membership::Group selecting(const std::string& name, const Json& selector, const std::string& ns = "shop") {
  return shared(group(name, {{"selector", selector}}, ns));
}

class MembershipTest : public testing::Test {
 protected:
  Names podsOf(const std::string& name, const std::string& ns = "shop") const {
    return membership_.podsOf(ns + "/" + name);
  }
  Names groupsOf(const api::Pod& p) const {
    Names names;
    for (const auto& g : membership_.groupsOf(p)) names.push_back(g->meta.key());
    return names;
  }
  Membership membership_;
};

TEST_F(MembershipTest, MatchLabelsMustAllBeThere) {
  membership_.addGroup(selecting("orders", labels({{"app", "db"}, {"cluster", "orders"}})));
  membership_.addPod(pod("both", {{"app", "db"}, {"cluster", "orders"}, {"more", "x"}}));
  membership_.addPod(pod("one", {{"app", "db"}}));
  membership_.addPod(pod("other", {{"app", "db"}, {"cluster", "bills"}}));
  membership_.addPod(pod("bare", {}));
  EXPECT_THAT(podsOf("orders"), ElementsAre("both"));
}

TEST_F(MembershipTest, ExpressionsAloneAreEnough) {
  membership_.addGroup(selecting("in", expression("tier", "In", {"a", "b"})));
  membership_.addGroup(selecting("single", expression("tier", "In", {"a"})));
  membership_.addGroup(selecting("not", expression("tier", "NotIn", {"a"})));
  membership_.addGroup(selecting("exists", expression("tier", "Exists")));
  membership_.addGroup(selecting("none", expression("tier", "DoesNotExist")));
  for (const char* tier : {"a", "b", "c"}) membership_.addPod(pod(tier, {{"tier", tier}}));
  membership_.addPod(pod("bare", {}));
  EXPECT_THAT(podsOf("in"), UnorderedElementsAre("a", "b"));
  EXPECT_THAT(podsOf("single"), UnorderedElementsAre("a"));
  EXPECT_THAT(podsOf("not"), UnorderedElementsAre("b", "c", "bare"));
  EXPECT_THAT(podsOf("exists"), UnorderedElementsAre("a", "b", "c"));
  EXPECT_THAT(podsOf("none"), UnorderedElementsAre("bare"));
}

TEST_F(MembershipTest, LabelsAndExpressionsMustBothHold) {
  Json both = labels({{"cluster", "orders"}});
  both["matchExpressions"] = expression("tier", "NotIn", {"proxy"})["matchExpressions"];
  membership_.addGroup(selecting("orders", both));
  membership_.addPod(pod("db", {{"cluster", "orders"}, {"tier", "db"}}));
  membership_.addPod(pod("proxy", {{"cluster", "orders"}, {"tier", "proxy"}}));
  membership_.addPod(pod("alien", {{"tier", "db"}}));
  EXPECT_THAT(podsOf("orders"), ElementsAre("db"));
}

TEST_F(MembershipTest, AGroupWithoutASelectorHasNobody) {
  const auto g = selecting("orders", Json::object());
  membership_.addGroup(g);
  const auto p = pod("orders-0", {{"cluster", "orders"}});
  membership_.addPod(p);
  EXPECT_FALSE(Membership::matches(*g, p));
  EXPECT_THAT(podsOf("orders"), IsEmpty());
}

TEST_F(MembershipTest, APodThatWasThereBeforeIsTold) {
  const auto p = pod("orders-0", {{"cluster", "orders"}});
  membership_.addPod(p);
  const auto g = shared(group("orders"));
  membership_.addGroup(g);
  EXPECT_THAT(groupsOf(p), ElementsAre("shop/orders"));
  membership_.addPodTo(*g, p);
  membership_.addPodTo(*g, p);
  EXPECT_THAT(podsOf("orders"), ElementsAre("orders-0"));
}

TEST_F(MembershipTest, ChangedLabelsMoveAPod) {
  membership_.addGroup(shared(group("orders")));
  membership_.addGroup(shared(group("bills")));
  const auto before = pod("p", {{"cluster", "orders"}}), after = pod("p", {{"cluster", "bills"}});
  membership_.addPod(before);
  membership_.addPod(pod("q", {{"cluster", "orders"}}));
  membership_.removePod(before);
  membership_.addPod(after);
  EXPECT_THAT(podsOf("orders"), ElementsAre("q"));
  EXPECT_THAT(podsOf("bills"), ElementsAre("p"));
  EXPECT_THAT(groupsOf(after), ElementsAre("shop/bills"));
}

TEST_F(MembershipTest, WhatIsDeletedIsForgotten) {
  const auto orders = shared(group("orders"));
  membership_.addGroup(orders);
  membership_.addGroup(selecting("all", expression("cluster", "Exists")));
  const auto p = pod("p", {{"cluster", "orders"}}), q = pod("q", {{"cluster", "orders"}});
  membership_.addPod(p);
  membership_.addPod(q);
  membership_.removePod(p);
  membership_.removePod(p);
  EXPECT_THAT(podsOf("orders"), ElementsAre("q"));
  membership_.removeGroup(*orders);
  EXPECT_THAT(podsOf("orders"), IsEmpty());
  EXPECT_THAT(groupsOf(q), ElementsAre("shop/all"));
  EXPECT_THAT(podsOf("all"), ElementsAre("q"));
}

TEST_F(MembershipTest, NamesMayRepeatInOtherNamespaces) {
  for (const char* ns : {"shop", "test"}) membership_.addGroup(shared(group("orders", Json::object(), ns)));
  membership_.addGroup(selecting("any", expression("cluster", "Exists"), "test"));
  const auto here = pod("orders-0", {{"cluster", "orders"}}), there = pod("orders-0", {{"cluster", "orders"}}, "test");
  membership_.addPod(here);
  membership_.addPod(there);
  EXPECT_FALSE(Membership::matches(group("orders"), there));
  EXPECT_THAT(groupsOf(here), ElementsAre("shop/orders"));
  EXPECT_THAT(groupsOf(there), UnorderedElementsAre("test/orders", "test/any"));
  membership_.removePod(there);
  EXPECT_THAT(podsOf("orders"), ElementsAre("orders-0"));
  EXPECT_THAT(podsOf("orders", "test"), IsEmpty());
}

TEST_F(MembershipTest, TwoGroupsMayMatchOnePod) {
  const auto orders = shared(group("orders"));
  membership_.addGroup(orders);
  membership_.addGroup(selecting("dbs", labels({{"app", "db"}})));
  const auto p = pod("p", {{"cluster", "orders"}, {"app", "db"}});
  membership_.addPod(p);
  EXPECT_THAT(groupsOf(p), UnorderedElementsAre("shop/orders", "shop/dbs"));
  membership_.removeGroup(*orders);
  EXPECT_THAT(groupsOf(p), ElementsAre("shop/dbs"));
  EXPECT_THAT(podsOf("dbs"), ElementsAre("p"));
}

TEST_F(MembershipTest, ANewerVersionOfAGroupKeepsItsPods) {
  api::HaGroup g = group("orders");
  membership_.addGroup(shared(g));
  const auto p = pod("p", {{"cluster", "orders"}});
  membership_.addPod(p);
  api::HaGroup newer = g;
  newer.status.epoch = 7;
  membership_.replaceGroup(g, shared(newer));
  ASSERT_EQ(membership_.groupsOf(p).size(), 1U);
  EXPECT_EQ(membership_.groupsOf(p)[0]->status.epoch, 7);
  EXPECT_THAT(podsOf("orders"), ElementsAre("p"));
}

/// Random events to a World; what it holds then is compared with what the selectors say.
class RandomEvents {
 public:
  explicit RandomEvents(uint64_t seed) : random_(seed) {}

  void step() {
    switch (pick(6)) {
      case 0:
        return putGroup();
      case 1:
        return erase(groups_, world_.groups());
      case 2:
        return erase(pods_, world_.pods());
      case 3:
        return list();
      default:
        return putPod();
    }
  }
  void compare() const {
    for (const auto& [name, g] : groups_) {
      Names expected, told;
      for (const auto& [podName, p] : pods_)
        if (Membership::matches(*g, *p)) expected.push_back(podName);
      const auto view = world_.view("shop", name, begin());
      ASSERT_TRUE(view) << name;
      for (const auto& m : view->snapshot.members) told.push_back(m.name);
      for (const auto& contested : view->snapshot.contested) told.push_back(contested);
      std::sort(told.begin(), told.end());
      ASSERT_EQ(told, expected) << name;
    }
    ASSERT_EQ(world_.groupKeys().size(), groups_.size());
  }

 private:
  size_t pick(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  template <class T>
  void erase(std::map<std::string, kube::Object<T>>& from, const kube::Sink<T>& sink) {
    if (from.empty()) return;
    const auto it = std::next(from.begin(), static_cast<std::ptrdiff_t>(pick(from.size())));
    T gone = *it->second;
    gone.meta.resourceVersion = ++version_;
    sink.apply(kube::EventType::Deleted, shared(gone));
    from.erase(it);
  }
  void putGroup() {
    static const Json selectors[] = {labels({{"cluster", "a"}}), labels({{"cluster", "b"}, {"tier", "x"}}),
                                     expression("tier", "Exists"), expression("cluster", "NotIn", {"a"})};
    const std::string name = "g" + std::to_string(pick(4));
    const bool there = groups_.contains(name);
    // A selector is immutable: the group that is there comes in a newer version, else another one is made.
    api::HaGroup g = there ? *groups_[name] : *selecting(name, selectors[pick(4)]);
    if (!there) g.meta.uid = "uid-" + std::to_string(version_);
    g.meta.resourceVersion = ++version_;
    groups_[name] = shared(g);
    world_.groups().apply(kube::EventType::Modified, groups_[name]);
  }
  void putPod() {
    Labels l;
    if (pick(4) > 0) l.emplace_back("cluster", pick(2) ? "a" : "b");
    if (pick(3) > 0) l.emplace_back("tier", pick(2) ? "x" : "y");
    api::Pod p = pod("p" + std::to_string(pick(6)), l);
    if (pick(3) == 0) p.meta.uid += "-" + std::to_string(version_);
    p.meta.resourceVersion = ++version_;
    pods_[p.meta.name] = shared(p);
    world_.pods().apply(kube::EventType::Modified, pods_[p.meta.name]);
  }
  /// The watch was cut, and some deletions were missed.
  void list() {
    while (!pods_.empty() && pick(2)) pods_.erase(pods_.begin());
    std::vector<kube::Object<api::Pod>> all;
    for (const auto& [name, p] : pods_) all.push_back(p);
    world_.pods().replace(std::move(all), ++version_);
  }

  std::mt19937_64 random_;
  uint64_t version_ = 0;
  std::map<std::string, kube::Object<api::HaGroup>> groups_;
  std::map<std::string, kube::Object<api::Pod>> pods_;
  World world_{[](const std::string&) {}};
};

TEST(MembershipInAWorld, IsWhatTheSelectorsSayWhateverHappens) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    RandomEvents events(seed);
    for (int i = 0; i < 200; ++i) {
      events.step();
      events.compare();
      if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << i;
    }
  }
}

}  // namespace
}  // namespace baton::reconcile
