#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <set>

#include "kube/json_decoder.h"
#include "kube/reflector.h"
#include "unit/kube/watch_fake_client.h"

namespace baton::kube {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct Thing {
  struct {
    std::string ns, name, uid;
    uint64_t resourceVersion = 0;
  } meta;
};

Result<Thing> thingOf(const json& j) {
  if (j.contains("bad")) return invalid("bad");
  const json& m = j.at("metadata");
  return Thing{{"n", m.at("name").get<std::string>(), m.at("name").get<std::string>() + "-uid",
                std::stoull(m.at("resourceVersion").get<std::string>())}};
}

std::string object(const std::string& name, int version) {
  return json{{"metadata", {{"name", name}, {"namespace", "n"}, {"resourceVersion", std::to_string(version)}}}}.dump();
}
std::string event(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}
std::string added(const std::string& name, int version) { return event("ADDED", object(name, version)); }
std::string bookmark(int version, bool end = false) {
  json o = {{"metadata", {{"resourceVersion", std::to_string(version)}}}};
  if (end) o["metadata"]["annotations"]["k8s.io/initial-events-end"] = "true";
  return event("BOOKMARK", o.dump());
}
std::string gone() {
  return event("ERROR", R"({"kind":"Status","status":"Failure","reason":"Expired","message":"too old","code":410})");
}

class ReflectorShell : public testing::Test {
 protected:
  void start(bool streaming = true, size_t maxLine = 1 << 20) {
    ReflectorOptions o;
    o.watch.resource = resources::pods;
    o.watch.streamingList = streaming;
    o.watch.backOffLeast = 1ms;
    o.maxLine = maxLine;
    o.onRestart = [this](std::string_view reason) { restarts += std::string(reason) + " "; };
    o.onSynced = [this] { ++synced; };
    Sink<Thing> sink;
    sink.replace = [this](std::vector<Object<Thing>> items, uint64_t version) {
      const std::lock_guard l(mutex);
      store.replace(std::move(items), version);
      ++replaced;
    };
    sink.apply = [this](EventType type, Object<Thing> item) {
      const std::lock_guard l(mutex);
      store.apply(type, std::move(item));
    };
    reflector = std::make_unique<Reflector<Thing>>(client, timers, Clock::real(), std::move(o),
                                                   jsonDecoder<Thing>(thingOf), std::move(sink));
    reflector->start();
  }
  /// "a@1 b@2"
  std::string held() {
    const std::lock_guard l(mutex);
    std::set<std::string> words;
    store.forEach([&](const auto& o) { words.insert(o->meta.name + "@" + std::to_string(o->meta.resourceVersion)); });
    std::string s;
    for (const auto& w : words) s += (s.empty() ? "" : " ") + w;
    return s;
  }
  std::shared_ptr<FakeStream> opened(size_t number) {
    auto s = client.waitForStream(number);
    if (s) s->open();
    return s;
  }

  std::mutex mutex;
  Store<Thing> store;
  int replaced = 0;
  std::string restarts;  // the chain's own
  std::atomic<int> synced{0};
  std::mutex pagesMutex;
  std::deque<Result<http::Response>> pages;
  std::vector<std::string> targets;
  Timers timers;
  FakeClient client{[this](const ApiRequest& r) -> Result<http::Response> {
    const std::lock_guard l(pagesMutex);
    targets.push_back(r.target);
    if (pages.empty()) return unavailable("no page");
    auto p = std::move(pages.front());
    pages.pop_front();
    return p;
  }};
  std::unique_ptr<Reflector<Thing>> reflector;
};

TEST_F(ReflectorShell, HandsOverAStreamedListWhenItIsWholeThenEvents) {
  start();
  const auto s = opened(0);
  ASSERT_TRUE(s);
  s->data(added("a", 1) + added("b", 2));
  s->data(event("DELETED", object("b", 3)));
  client.drain();
  EXPECT_EQ(held(), "");
  EXPECT_FALSE(reflector->synced());
  s->data(bookmark(5, true).substr(0, 20));
  s->data(bookmark(5, true).substr(20) + added("c", 6));
  client.drain();
  EXPECT_EQ(held(), "a@1 c@6");
  EXPECT_TRUE(reflector->synced());
  EXPECT_EQ(synced, 1);
  EXPECT_LT(reflector->secondsSinceLastActivity(), 10);
}

TEST_F(ReflectorShell, ListsByPages) {
  pages.push_back(
      jsonAnswer(R"({"metadata":{"resourceVersion":"9","continue":"t"},"items":[)" + object("a", 1) + "]}"));
  pages.push_back(jsonAnswer(R"({"metadata":{"resourceVersion":"9"},"items":[)" + object("b", 2) + "," +
                             R"({"bad":1,"metadata":{"name":"x"}}]})"));
  start(false);
  const auto s = opened(0);
  ASSERT_TRUE(s);
  EXPECT_EQ(held(), "a@1 b@2");
  EXPECT_NE(s->request.target.find("resourceVersion=9"), std::string::npos);
  EXPECT_NE(targets.at(1).find("continue=t"), std::string::npos);
}

TEST_F(ReflectorShell, RelistsWhenTheHistoryIsGone) {
  start();
  auto s = opened(0);
  s->data(added("a", 1) + added("b", 2) + bookmark(5, true) + gone() + added("not looked at", 9));
  s = opened(1);
  ASSERT_TRUE(s);
  EXPECT_EQ(held(), "a@1 b@2") << "what is known stays until the new list is whole";
  s->data(added("b", 2) + added("c", 7) + bookmark(8, true));
  client.drain();
  EXPECT_EQ(held(), "b@2 c@7");
  EXPECT_EQ(restarts, "expired ");
  EXPECT_EQ(synced, 1);
}

TEST_F(ReflectorShell, DropsHalfAListWhenItIsCut) {
  start();
  auto s = opened(0);
  s->data(added("a", 1));
  s->end(unavailable("reset"));
  s = opened(1);
  ASSERT_TRUE(s);
  s->data(added("b", 2) + bookmark(8, true));
  client.drain();
  EXPECT_EQ(held(), "b@2");
}

TEST_F(ReflectorShell, ResumesAndReportsTrouble) {
  start();
  auto s = opened(0);
  s->data(added("a", 1) + bookmark(5, true) + added("b", 6) + added("half", 7).substr(0, 30));
  s->end(unavailable("reset"));
  s = client.waitForStream(1);
  ASSERT_TRUE(s);
  EXPECT_EQ(reflector->lastError()->message, "reset");
  EXPECT_NE(s->request.target.find("resourceVersion=6"), std::string::npos);
  s->open();
  s->data(added("c", 8));
  client.drain();
  EXPECT_FALSE(reflector->lastError());
  EXPECT_EQ(held(), "a@1 b@6 c@8");
  EXPECT_EQ(restarts, "lost ");
}

TEST_F(ReflectorShell, LeavesOutWhatCannotBeDecoded) {
  start();
  const auto s = opened(0);
  s->data(bookmark(5, true));
  s->data("no JSON\n" + event("ADDED", R"({"bad":1,"metadata":{"name":"x"}})") + added("a", 7));
  client.drain();
  EXPECT_EQ(held(), "a@7");
  EXPECT_EQ(restarts, "");
}

TEST_F(ReflectorShell, AnEndlessLineEndsTheStreamAndMeansANewList) {
  start(true, 1000);
  auto s = opened(0);
  s->data(bookmark(5, true) + added("a", 6));
  s->data(std::string(600, 'x'));
  s->data(std::string(600, 'x'));
  s = opened(1);
  ASSERT_TRUE(s);
  EXPECT_NE(s->request.target.find("sendInitialEvents"), std::string::npos);
  EXPECT_EQ(restarts, "overflow ");
}

TEST_F(ReflectorShell, NothingComesAfterStop) {
  start();
  const auto s = opened(0);
  s->data(added("a", 1) + bookmark(5, true));
  client.drain();
  reflector->stop();
  s->data(added("b", 6));
  client.drain();
  EXPECT_EQ(held(), "a@1");
  reflector.reset();
}

TEST_F(ReflectorShell, StopsInTheMiddleOfAnything) {
  for (int i = 0; i < 200; ++i) {
    FakeClient other([](const ApiRequest&) -> Result<http::Response> { return unavailable("down"); });
    ReflectorOptions o;
    o.watch.resource = resources::pods;
    o.watch.streamingList = i % 2 == 0;
    o.watch.backOffLeast = 0ms;
    o.watch.backOffMost = 0ms;
    std::atomic<bool> stopped{false};
    Sink<Thing> sink{[&](auto, uint64_t) { EXPECT_FALSE(stopped); }, [&](EventType, auto) { EXPECT_FALSE(stopped); }};
    Reflector<Thing> r(other, timers, Clock::real(), std::move(o), jsonDecoder<Thing>(thingOf), std::move(sink));
    r.start();
    if (i % 2 == 0) {
      const auto s = other.waitForStream(0);
      s->open();
      for (int k = 0; k < i; ++k) s->data(added("a", k + 1));
      s->data(bookmark(500, true) + added("b", 600));
      if (i % 4 == 0) s->end(Ok{});
    }
    std::this_thread::sleep_for(std::chrono::microseconds(i * 10));
    r.stop();
    stopped = true;
  }
}

}  // namespace
}  // namespace baton::kube
