#include "kube/event_recorder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <nlohmann/json.hpp>

#include "unit/kube/watch_fake_client.h"

namespace baton::kube {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class EventRecording : public testing::Test {
 protected:
  static Occurrence about(const std::string& uid, const std::string& note, const std::string& dedupeKey = {}) {
    Occurrence o;
    o.regarding = {"ha.baton.dev/v1alpha1", "HaGroup", "shop", "db", uid, "7"};
    o.reason = "Promoting";
    o.action = "Promote";
    o.note = note;
    o.dedupeKey = dedupeKey;
    return o;
  }
  static Steady in(std::chrono::milliseconds d) { return std::chrono::steady_clock::now() + d; }

  Result<http::Response> answer(const ApiRequest& r) {
    const std::lock_guard l(mutex);
    EXPECT_EQ(r.lane, Lane::Event);
    EXPECT_TRUE(r.idempotent);
    const json body = json::parse(r.body);
    if (refuse) return *refuse;
    if (r.method == http::Method::Post) {
      const std::string name = body["metadata"]["name"];
      if (events.contains(name)) return Error{Error::Kind::AlreadyExists, "exists", {}, 409};
      events[name] = body;
    } else {
      const std::string path = r.target.substr(0, r.target.find('?'));
      const std::string name = path.substr(path.rfind('/') + 1);
      if (!events.contains(name)) return notFound("no such event");
      events[name].merge_patch(body);
    }
    return jsonAnswer("{}");
  }

  std::mutex mutex;
  std::map<std::string, json> events;
  std::optional<Error> refuse;
  Timers timers;
  FakeClient client{[this](const ApiRequest& r) { return answer(r); }};
};

TEST_F(EventRecording, WritesEventsAndSeries) {
  ApiEventRecorder recorder(client, timers, Clock::real(), {});
  recorder.record(about("u", "a"));
  for (int i = 0; i < 5; ++i) recorder.record(about("u", "b"));
  ASSERT_TRUE(recorder.flush(in(20s)));
  ASSERT_EQ(events.size(), 2U);
  for (const auto& [name, e] : events) {
    EXPECT_FALSE(e["eventTime"].get<std::string>().starts_with("1970"));
    EXPECT_EQ(e.contains("series") ? e["series"]["count"] : json(1), e["note"] == "b" ? 5 : 1);
  }
  EXPECT_EQ(recorder.dropped(), 0U);
}

TEST_F(EventRecording, AGrowingSeriesIsWrittenByItself) {
  EventRecorderOptions o;
  o.events.seriesPause = 1s;
  ApiEventRecorder recorder(client, timers, Clock::real(), o);
  for (int i = 0; i < 5; ++i) recorder.record(about("u", "b"));
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard l(mutex);
    return !events.empty() && events.begin()->second.contains("series") &&
           events.begin()->second["series"]["count"] == 5;
  }));
}

TEST_F(EventRecording, WhatExistsAlreadyIsWell) {
  for (int i = 0; i < 2; ++i) {  // the second after a crash
    ApiEventRecorder recorder(client, timers, Clock::real(), {});
    recorder.record(about("u", "a", "request/phase"));
    EXPECT_TRUE(recorder.flush(in(20s)));
    EXPECT_EQ(recorder.dropped(), 0U);
  }
  EXPECT_EQ(events.size(), 1U);
}

TEST_F(EventRecording, ASeriesThatTheServerForgotIsCreatedAnew) {
  ApiEventRecorder recorder(client, timers, Clock::real(), {});
  recorder.record(about("u", "a"));
  ASSERT_TRUE(recorder.flush(in(20s)));
  {
    const std::lock_guard l(mutex);
    events.clear();
  }
  recorder.record(about("u", "a"));
  ASSERT_TRUE(recorder.flush(in(20s)));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.begin()->second["series"]["count"], 2);
  EXPECT_EQ(events.begin()->second["note"], "a");
}

TEST_F(EventRecording, WhatIsRefusedIsCountedAndForgotten) {
  refuse = Error{Error::Kind::Forbidden, "the namespace is being terminated", {}, 403};
  ApiEventRecorder recorder(client, timers, Clock::real(), {});
  recorder.record(about("u", "a"));
  EXPECT_TRUE(recorder.flush(in(20s)));
  EXPECT_EQ(recorder.dropped(), 1U);
}

/// Keeps every answer back until told.
class HeldClient final : public Client {
 public:
  void send(ApiRequest, Done done) override {
    const std::lock_guard l(mutex_);
    held_.push_back(std::move(done));
  }
  http::CallHandle stream(ApiRequest, http::StreamHandlers) override { return nullptr; }
  void shutDown() override {}
  size_t held() {
    const std::lock_guard l(mutex_);
    return held_.size();
  }
  void answerAll() {
    std::vector<Done> all;
    {
      const std::lock_guard l(mutex_);
      all.swap(held_);
    }
    for (auto& done : all) done(jsonAnswer("{}"));
  }

 private:
  std::mutex mutex_;
  std::vector<Done> held_;
};

TEST_F(EventRecording, NeverMoreInFlightAndTheOldestAreDropped) {
  HeldClient slow;
  EventRecorderOptions o;
  o.queue = 10;
  o.inFlight = 4;
  ApiEventRecorder recorder(slow, timers, Clock::real(), o);
  for (int i = 0; i < 20; ++i) recorder.record(about("u" + std::to_string(i), "a"));
  EXPECT_EQ(slow.held(), 4U);
  EXPECT_EQ(recorder.dropped(), 6U);
  EXPECT_FALSE(recorder.flush(in(10ms)));
  while (slow.held() > 0) slow.answerAll();
  EXPECT_TRUE(recorder.flush(in(10ms)));
}

TEST_F(EventRecording, ASeriesWaitsForItsCreation) {
  HeldClient slow;
  ApiEventRecorder recorder(slow, timers, Clock::real(), {});
  recorder.record(about("u", "a"));
  recorder.record(about("u", "a"));
  EXPECT_EQ(slow.held(), 1U);
  slow.answerAll();
  EXPECT_EQ(slow.held(), 1U);
  slow.answerAll();
}

TEST_F(EventRecording, MayEndWhileRequestsAreUnderWay) {
  HeldClient slow;
  {
    ApiEventRecorder recorder(slow, timers, Clock::real(), {});
    for (int i = 0; i < 20; ++i) recorder.record(about("u" + std::to_string(i), "a"));
  }
  slow.answerAll();
  EXPECT_EQ(slow.held(), 0U);
}

TEST_F(EventRecording, ManyThreadsMayRecord) {
  ApiEventRecorder recorder(client, timers, Clock::real(), {});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) recorder.record(about("u" + std::to_string(t), "n" + std::to_string(i % 10)));
    });
  for (auto& t : threads) t.join();
  ASSERT_TRUE(recorder.flush(in(20s)));
  EXPECT_EQ(events.size(), 40U);
  for (const auto& [name, e] : events) EXPECT_EQ(e["series"]["count"], 20);
}

}  // namespace
}  // namespace baton::kube
