#include "kube/store.h"

#include <gtest/gtest.h>

#include <set>

namespace baton::kube {
namespace {

struct Thing {
  struct {
    std::string ns, name, uid;
    uint64_t resourceVersion = 0;
  } meta;
};

Object<Thing> thing(const std::string& name, const std::string& uid, uint64_t version, const std::string& ns = "x") {
  return std::make_shared<const Thing>(Thing{{ns, name, uid, version}});
}

/// "+a@5 ~b@6 -c@2": added, updated, deleted, each with the version that it has now (deleted: had).
template <class Changes>
std::string text(const Changes& changes) {
  std::set<std::string> words;
  for (const auto& c : changes) {
    const auto& o = c.type == ChangeType::Deleted ? c.before : c.after;
    words.insert((c.type == ChangeType::Added     ? "+"
                  : c.type == ChangeType::Updated ? "~"
                                                  : "-") +
                 o->meta.name + "@" + std::to_string(o->meta.resourceVersion));
  }
  std::string s;
  for (const auto& w : words) s += (s.empty() ? "" : " ") + w;
  return s;
}
std::string text(const std::optional<Change<Thing>>& change) {
  return change ? text(std::vector<Change<Thing>>{*change}) : "";
}

class StoreRules : public testing::Test {
 protected:
  Store<Thing> store;
};

TEST_F(StoreRules, AReplacementTellsWhatChanged) {
  EXPECT_EQ(text(store.replace({thing("a", "1", 5), thing("b", "2", 6)}, 10)), "+a@5 +b@6");
  EXPECT_EQ(text(store.replace({thing("a", "1", 5), thing("c", "3", 11)}, 12)), "+c@11 -b@6");
  EXPECT_EQ(text(store.replace({thing("a", "1", 13), thing("c", "3", 11)}, 14)), "~a@13");
  EXPECT_EQ(store.size(), 2U);
  EXPECT_EQ(store.version(), 14U);
}

TEST_F(StoreRules, AnUnchangedObjectKeepsItsPlaceInMemory) {
  const auto a = thing("a", "1", 5);
  store.replace({a}, 10);
  store.replace({thing("a", "1", 5)}, 11);
  EXPECT_EQ(store.get("x", "a"), a);
}

TEST_F(StoreRules, ObjectsAreFoundByNamespaceAndName) {
  store.replace({thing("a", "1", 5, "x"), thing("a", "2", 6, "y")}, 10);
  EXPECT_EQ(store.get("x", "a")->meta.uid, "1");
  EXPECT_EQ(store.get("y", "a")->meta.uid, "2");
  EXPECT_EQ(store.get("z", "a"), nullptr);
  EXPECT_EQ(store.get("xa", ""), nullptr);
}

TEST_F(StoreRules, EventsAddUpdateAndDelete) {
  EXPECT_EQ(text(store.apply(EventType::Added, thing("a", "1", 5))), "+a@5");
  EXPECT_EQ(text(store.apply(EventType::Modified, thing("a", "1", 6))), "~a@6");
  EXPECT_EQ(store.get("x", "a")->meta.resourceVersion, 6U);
  EXPECT_EQ(text(store.apply(EventType::Deleted, thing("a", "1", 7))), "-a@6");
  EXPECT_EQ(store.size(), 0U);
}

TEST_F(StoreRules, EqualOrOlderNeverOverwrites) {
  store.apply(EventType::Added, thing("a", "1", 5));
  EXPECT_EQ(text(store.apply(EventType::Modified, thing("a", "1", 5))), "");
  EXPECT_EQ(text(store.apply(EventType::Modified, thing("a", "1", 4))), "");
  EXPECT_EQ(store.get("x", "a")->meta.resourceVersion, 5U);
}

TEST_F(StoreRules, VersionsThatAreNotKnownCountAsNewer) {
  store.apply(EventType::Added, thing("a", "1", 5));
  EXPECT_EQ(text(store.apply(EventType::Modified, thing("a", "1", 0))), "~a@0");
}

TEST_F(StoreRules, AnObjectMadeAnewUnderItsNameIsAnUpdateWithAnotherUid) {
  store.apply(EventType::Added, thing("a", "1", 5));
  const auto change = store.apply(EventType::Added, thing("a", "2", 9));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->type, ChangeType::Updated);
  EXPECT_EQ(change->before->meta.uid, "1");
  EXPECT_EQ(change->after->meta.uid, "2");
  EXPECT_EQ(text(store.apply(EventType::Deleted, thing("a", "1", 8))), "") << "the old one's end is not the new one's";
}

TEST_F(StoreRules, TheEchoOfAnOwnWriteIsNoChange) {
  store.apply(EventType::Added, thing("a", "1", 5));
  EXPECT_EQ(text(store.putOwnWrite(thing("a", "1", 7))), "~a@7");
  EXPECT_EQ(text(store.apply(EventType::Modified, thing("a", "1", 6))), "") << "another's write before ours";
  EXPECT_EQ(text(store.apply(EventType::Modified, thing("a", "1", 7))), "");
  EXPECT_EQ(text(store.apply(EventType::Modified, thing("a", "1", 8))), "~a@8");
}

TEST_F(StoreRules, AnOwnWriteAfterItsEchoIsNoChange) {
  store.apply(EventType::Added, thing("a", "1", 5));
  store.apply(EventType::Modified, thing("a", "1", 7));
  EXPECT_EQ(text(store.putOwnWrite(thing("a", "1", 7))), "");
  EXPECT_EQ(text(store.putOwnWrite(thing("a", "1", 6))), "");
}

TEST_F(StoreRules, AnOwnWriteMayBringANewObject) {
  store.replace({}, 5);
  EXPECT_EQ(text(store.putOwnWrite(thing("n", "9", 6))), "+n@6");
  EXPECT_EQ(text(store.apply(EventType::Added, thing("n", "9", 6))), "");
}

TEST_F(StoreRules, AnOwnWriteDoesNotBringBackWhatWasDeleted) {
  store.apply(EventType::Added, thing("a", "1", 5));
  store.apply(EventType::Deleted, thing("a", "1", 8));
  EXPECT_EQ(text(store.putOwnWrite(thing("a", "1", 7))), "") << "older than what the watch has told";
  EXPECT_EQ(text(store.putOwnWrite(thing("a", "1", 9))), "") << "left the selection, and still outside of it";
  EXPECT_EQ(text(store.apply(EventType::Added, thing("a", "1", 10))), "+a@10") << "the watch brings it back";
}

TEST_F(StoreRules, ADeletionCountsEvenWhenAnOwnWriteIsNewer) {
  store.apply(EventType::Added, thing("a", "1", 5));
  store.putOwnWrite(thing("a", "1", 9));
  EXPECT_EQ(text(store.apply(EventType::Deleted, thing("a", "1", 8))), "-a@9");
  EXPECT_EQ(store.get("x", "a"), nullptr);
}

TEST_F(StoreRules, ADeletionWithTheVersionOfTheOwnWriteThatCausedItCounts) {
  store.apply(EventType::Added, thing("a", "1", 5));
  store.putOwnWrite(thing("a", "1", 6));  // took off the last finalizer
  EXPECT_EQ(text(store.apply(EventType::Deleted, thing("a", "1", 6))), "-a@6");
}

TEST_F(StoreRules, AnOwnWriteNewerThanTheListSurvives) {
  store.replace({thing("a", "1", 5), thing("b", "2", 6)}, 10);
  store.putOwnWrite(thing("a", "1", 15));
  store.putOwnWrite(thing("n", "9", 16));
  EXPECT_EQ(text(store.replace({thing("a", "1", 5), thing("b", "2", 12)}, 14)), "~b@12");
  EXPECT_EQ(store.get("x", "a")->meta.resourceVersion, 15U);
  ASSERT_NE(store.get("x", "n"), nullptr);
  EXPECT_EQ(text(store.replace({thing("a", "1", 15), thing("b", "2", 12)}, 20)), "-n@16") << "gone by now";
}

TEST_F(StoreRules, AnOwnWriteOlderThanTheListAndNotInItIsGone) {
  store.replace({thing("a", "1", 5)}, 10);
  store.putOwnWrite(thing("a", "1", 11));
  EXPECT_EQ(text(store.replace({}, 14)), "-a@11");
  EXPECT_EQ(text(store.putOwnWrite(thing("a", "1", 12))), "") << "a late answer does not bring it back";
}

TEST_F(StoreRules, AServerThatWasSetBackIsBelieved) {
  store.replace({thing("a", "1", 500), thing("b", "2", 600)}, 1000);
  EXPECT_EQ(text(store.replace({thing("a", "1", 300)}, 400)), "-b@600 ~a@300");
  EXPECT_EQ(text(store.apply(EventType::Modified, thing("a", "1", 401))), "~a@401");
}

TEST_F(StoreRules, TakeEmptiesIt) {
  store.replace({thing("a", "1", 5), thing("b", "2", 6)}, 10);
  EXPECT_EQ(store.take().size(), 2U);
  EXPECT_EQ(store.size(), 0U);
  EXPECT_EQ(store.version(), 0U);
  EXPECT_EQ(text(store.apply(EventType::Added, thing("a", "1", 3))), "+a@3");
}

TEST_F(StoreRules, ReadersKeepWhatTheyTook) {
  store.apply(EventType::Added, thing("a", "1", 5));
  const auto taken = store.get("x", "a");
  store.apply(EventType::Modified, thing("a", "1", 6));
  store.apply(EventType::Deleted, thing("a", "1", 7));
  EXPECT_EQ(taken->meta.resourceVersion, 5U);
  EXPECT_EQ(taken.use_count(), 1);
}

}  // namespace
}  // namespace baton::kube
