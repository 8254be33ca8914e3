#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>

#include "kube/leader_elector.h"
#include "unit/kube/watch_fake_client.h"

namespace baton::kube {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// Keeps one Lease as the API server does.
class LeaseServer {
 public:
  Result<http::Response> answer(const ApiRequest& r) {
    const std::lock_guard l(mutex_);
    ++requests;
    EXPECT_EQ(r.lane, Lane::Lease);
    EXPECT_EQ(r.retries, 0);
    if (down) return unavailable("down");
    if (r.method == http::Method::Get) return lease_.is_null() ? Result<http::Response>(notFound("none")) : stored();
    const json body = json::parse(r.body);
    if (r.method == http::Method::Post) {
      if (!lease_.is_null()) return Error{Error::Kind::AlreadyExists, "exists", {}, 409};
      lease_ = body;
    } else {
      if (lease_.is_null()) return notFound("none");
      if (body["metadata"]["resourceVersion"] != lease_["metadata"]["resourceVersion"])
        return Error{Error::Kind::Conflict, "changed", {}, 409};
      lease_.merge_patch(body);
    }
    lease_["metadata"]["resourceVersion"] = std::to_string(++version_);
    return stored();
  }
  std::string holder() {
    const std::lock_guard l(mutex_);
    return lease_.is_null() ? "none" : lease_["spec"]["holderIdentity"].get<std::string>();
  }
  std::atomic<bool> down{false};
  std::atomic<int> requests{0};

 private:
  Result<http::Response> stored() { return jsonAnswer(lease_.dump()); }
  std::mutex mutex_;
  json lease_;
  int version_ = 0;
};

/// One candidate with a thread of its own; its log of callbacks as words.
class Runner {
 public:
  Runner(LeaseServer& server, Timers& timers, const std::string& identity)
      : client_([&server](const ApiRequest& r) { return server.answer(r); }) {
    LeaderElectorOptions o;
    o.ns = "baton";
    o.identity = identity;
    o.timings = {900ms, 500ms, 50ms};
    o.now = [this] { return BootClock::now() + std::chrono::nanoseconds(jump_.load()); };
    elector = std::make_unique<LeaderElector>(client_, timers, Clock::real(), o);
  }
  ~Runner() { elector.reset(); }
  void start() {
    elector->start(
        {[this] { say("started"); }, [this] { say("stopped"); }, [this](const auto& h) { say("holder=" + h); }});
  }
  /// As if it had been frozen for so long.
  void jump(std::chrono::nanoseconds d) { jump_ += d.count(); }
  std::string said() {
    const std::lock_guard l(mutex_);
    return said_;
  }
  std::unique_ptr<LeaderElector> elector;

 private:
  void say(const std::string& word) {
    const std::lock_guard l(mutex_);
    said_ += word + " ";
  }
  std::mutex mutex_;
  std::string said_;
  std::atomic<int64_t> jump_{0};
  FakeClient client_;
};

class LeaseElector : public testing::Test {
 protected:
  LeaseServer server;
  Timers timers;
};

TEST_F(LeaseElector, LeadsRenewsAndReleases) {
  Runner a(server, timers, "a");
  EXPECT_FALSE(a.elector->leading());
  EXPECT_FALSE(a.elector->mayStart(0ms));
  a.start();
  ASSERT_TRUE(eventually([&] { return a.elector->leading(); }));
  EXPECT_TRUE(a.elector->mayStart(100ms));
  EXPECT_FALSE(a.elector->mayStart(10s));
  EXPECT_EQ(a.elector->holder(), "a");
  const int before = server.requests;
  ASSERT_TRUE(eventually([&] { return server.requests > before + 5; }));
  EXPECT_TRUE(a.elector->leading());
  a.elector->stop(5s);
  EXPECT_FALSE(a.elector->leading());
  EXPECT_EQ(server.holder(), "");
  EXPECT_EQ(a.said(), "holder=a started stopped holder= ");
}

TEST_F(LeaseElector, TheNextOneTakesAReleasedLeaseAtOnce) {
  Runner a(server, timers, "a"), b(server, timers, "b");
  a.start();
  ASSERT_TRUE(eventually([&] { return a.elector->leading(); }));
  b.start();
  ASSERT_TRUE(eventually([&] { return b.elector->holder() == "a"; }));
  EXPECT_FALSE(b.elector->leading());
  const auto released = std::chrono::steady_clock::now();
  a.elector->stop(5s);
  ASSERT_TRUE(eventually([&] { return b.elector->leading(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - released, 800ms) << "less than the lease's duration";
  b.elector->stop(5s);
}

TEST_F(LeaseElector, StopsLeadingWhenItCannotRenew) {
  Runner a(server, timers, "a");
  a.start();
  ASSERT_TRUE(eventually([&] { return a.elector->leading(); }));
  server.down = true;
  ASSERT_TRUE(eventually([&] { return a.said().find("stopped") != std::string::npos; }));
  EXPECT_FALSE(a.elector->mayStart(0ms));
  server.down = false;
  ASSERT_TRUE(eventually([&] { return a.elector->leading(); })) << "it goes on as a candidate";
  a.elector->stop(5s);
  EXPECT_EQ(a.said(), "holder=a started stopped started stopped holder= ");
}

TEST_F(LeaseElector, AFrozenLeaderMayNotStartAnything) {
  Runner a(server, timers, "a");
  a.start();
  ASSERT_TRUE(eventually([&] { return a.elector->leading(); }));
  server.down = true;
  a.jump(901ms);
  EXPECT_EQ(a.elector->remaining(), 0ms) << "though no timer has run";
  EXPECT_FALSE(a.elector->mayStart(0ms));
  EXPECT_FALSE(a.elector->leading());
}

TEST_F(LeaseElector, StopWithoutAServerEndsInTime) {
  Runner a(server, timers, "a");
  server.down = true;
  a.start();
  a.elector->stop(100ms);
  EXPECT_EQ(a.said(), "");
  Runner b(server, timers, "b");
  b.elector->stop(100ms);
}

TEST_F(LeaseElector, StartsAndStopsAtAnyMoment) {
  for (int i = 0; i < 60; ++i) {
    Runner a(server, timers, "a" + std::to_string(i));
    a.start();
    std::this_thread::sleep_for(std::chrono::microseconds(i * 30));
    if (i % 3 == 0) {
      a.elector.reset();
    } else {
      a.elector->stop(5s);
      EXPECT_NE(server.holder(), "a" + std::to_string(i));
    }
  }
}

TEST_F(LeaseElector, WithoutElectionItAlwaysLeads) {
  NoElection n("me");
  std::string said;
  n.start({[&] { said += "started "; }, [&] { said += "stopped "; }, {}});
  EXPECT_TRUE(n.leading());
  EXPECT_TRUE(n.mayStart(1h));
  EXPECT_EQ(n.holder(), "me");
  n.stop(1s);
  EXPECT_EQ(said, "started stopped ");
}

TEST(LeaseIdentity, IsNeverTheSame) {
  const std::string a = makeIdentity(), b = makeIdentity();
  EXPECT_NE(a, b);
  EXPECT_EQ(a.size() - a.rfind('_'), 37U) << a;
}

}  // namespace
}  // namespace baton::kube
