#include <gtest/gtest.h>

#include "kube/json_decoder.h"
#include "kube/line_splitter.h"

namespace baton::kube {
namespace {

using nlohmann::json;

TEST(WatchDecoder, ReadsEventsAndLeavesOutManagedFields) {
  const auto e = parseJsonEvent(
      R"({"type":"MODIFIED","object":{"kind":"X","metadata":{"name":"a","namespace":"n","managedFields":[{"fieldsV1":
      {"metadata":{"managedFields":[1]}}},{"a":{}}],"labels":{"managedFields":"stays"},"resourceVersion":"12"},
      "spec":{"managedFields":[2],"metadata":{"annotations":{"k":"v"},"managedFields":3}},"managedFields":4}})");
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(e->head.type, EventType::Modified);
  EXPECT_EQ(e->head.resourceVersion, 12U);
  EXPECT_EQ(e->object, json::parse(R"({"kind":"X","metadata":{"name":"a","namespace":"n",
      "labels":{"managedFields":"stays"},"resourceVersion":"12"},
      "spec":{"managedFields":[2],"metadata":{"annotations":{"k":"v"}}},"managedFields":4})"));
}

TEST(WatchDecoder, ReadsBookmarks) {
  auto e = parseJsonEvent(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}})");
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(e->head.resourceVersion, 7U);
  EXPECT_FALSE(e->head.initialEventsEnd);
  EXPECT_TRUE(e->object.is_null());
  e = parseJsonEvent(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7",
      "annotations":{"k8s.io/initial-events-end":"true"}}}})");
  ASSERT_TRUE(e.ok());
  EXPECT_TRUE(e->head.initialEventsEnd);
}

TEST(WatchDecoder, ReadsErrors) {
  const auto e = parseJsonEvent(R"({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure",
      "message":"too old resource version","reason":"Expired","code":410}})");
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(e->head.type, EventType::Error);
  EXPECT_EQ(e->head.error->kind, Error::Kind::Gone);
  EXPECT_EQ(e->head.error->httpStatus, 410);
}

TEST(WatchDecoder, RefusesWhatIsNoEvent) {
  for (const char* line : {"", "{", "[]", "7", R"({"type":"ADDED"})", R"({"type":"NEW","object":{}})",
                           R"({"type":"ADDED","object":null})", R"({"type":1,"object":{}})", "\xff\xfe"})
    EXPECT_FALSE(parseJsonEvent(line).ok()) << line;
}

TEST(WatchDecoder, ReadsPages) {
  auto l = parseJsonList(R"({"kind":"PodList","metadata":{"resourceVersion":"9","continue":"abc"},
      "items":[{"metadata":{"name":"a","managedFields":[]}}]})");
  ASSERT_TRUE(l.ok());
  EXPECT_EQ(l->head.resourceVersion, 9U);
  EXPECT_EQ(l->head.continueToken, "abc");
  EXPECT_EQ(l->items, json::parse(R"([{"metadata":{"name":"a"}}])"));
  l = parseJsonList(R"({"metadata":{"resourceVersion":"9"},"items":null})");
  ASSERT_TRUE(l.ok());
  EXPECT_TRUE(l->items.empty());
  EXPECT_FALSE(parseJsonList(R"({"kind":"Status","metadata":{}})").ok());
  EXPECT_FALSE(parseJsonList("no JSON").ok());
}

struct Thing {
  struct {
    std::string ns, name, uid;
    uint64_t resourceVersion = 0;
  } meta;
};

Result<Thing> thingOf(const json& j) {
  if (j.at("spec") == 0) return invalid("spec must not be 0");
  return Thing{{"n", j.at("metadata").at("name").get<std::string>(), "u", 1}};
}

TEST(WatchDecoder, AnObjectThatCannotBeReadIsNamedAndTheRestGoesOn) {
  const auto decoder = jsonDecoder<Thing>(thingOf);
  const auto page = decoder.decodeList(R"({"metadata":{"resourceVersion":"9"},"items":[
      {"metadata":{"namespace":"n","name":"a"},"spec":1},
      {"metadata":{"namespace":"n","name":"b"},"spec":0},
      {"metadata":{"namespace":"n","name":"c"}},
      {"metadata":{"namespace":"n","name":"d"},"spec":1}]})");
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->items.size(), 2U);
  EXPECT_EQ(page->items[1]->meta.name, "d");
  ASSERT_EQ(page->skipped.size(), 2U);
  EXPECT_EQ(page->skipped[0].message, "n/b: spec must not be 0");
  EXPECT_EQ(page->skipped[1].message.substr(0, 5), "n/c: ");
  const auto event = decoder.decodeEvent(R"({"type":"ADDED","object":{"metadata":{"name":"e"},"spec":0}})");
  ASSERT_FALSE(event.ok());
  EXPECT_EQ(event.error().message, "e: spec must not be 0");
}

class WatchLines : public testing::Test {
 protected:
  LineSplitter::End feed(std::string_view piece) {
    return lines.feed(piece, [this](std::string_view line) {
      got.emplace_back(line);
      return line != "stop";
    });
  }
  LineSplitter lines{10};
  std::vector<std::string> got;
};

TEST_F(WatchLines, AreCutWhereverPiecesEnd) {
  feed("one\ntw");
  feed("o\n\n");
  feed("");
  feed("th");
  feed("re");
  feed("e\nfour\n");
  EXPECT_EQ(got, (std::vector<std::string>{"one", "two", "three", "four"}));
}

TEST_F(WatchLines, ThatAreTooLongAreAnOverflow) {
  EXPECT_EQ(feed("0123456789\n"), LineSplitter::End::More);
  EXPECT_EQ(feed("01234567890\n"), LineSplitter::End::Overflow);
  lines.reset();
  EXPECT_EQ(feed("01234"), LineSplitter::End::More);
  EXPECT_EQ(feed("567890"), LineSplitter::End::Overflow);
}

TEST_F(WatchLines, StopWhenTheReaderSaysSo) {
  EXPECT_EQ(feed("a\nstop\nb\n"), LineSplitter::End::Stopped);
  EXPECT_EQ(got, (std::vector<std::string>{"a", "stop"}));
}

}  // namespace
}  // namespace baton::kube
