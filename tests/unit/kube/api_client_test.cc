#include "kube/api_client.h"

#include <atomic>
#include <future>
#include <thread>

#include "unit/kube/api_client_fixture.h"

namespace baton::kube {
namespace {

using namespace std::chrono_literals;

using ApiClient = ApiClientTest;

constexpr const char* kNotFound =
    R"({"kind":"Status","reason":"NotFound","message":"pods \"x\" not found","code":404})";

TEST_F(ApiClient, SendsHeadersAndReturnsTheAnswer) {
  prefix = "/k8s";
  make();
  ApiRequest q = request("/api/v1/pods/x");
  q.method = http::Method::Patch;
  q.contentType = "application/merge-patch+json";
  q.body = "{}";
  q.timeout = 7s;
  send(q);
  const http::Request& sent = requests().sent.at(0).request;
  EXPECT_EQ(sent.method, http::Method::Patch);
  EXPECT_EQ(sent.target, "/k8s/api/v1/pods/x");
  EXPECT_EQ(sent.body, "{}");
  EXPECT_EQ(sent.timeout, 7s);
  EXPECT_EQ(sent.headers, (http::Headers{{"User-Agent", "baton/test"},
                                         {"Accept", "application/json"},
                                         {"Content-Type", "application/merge-patch+json"},
                                         {"Authorization", "Bearer one"}}));
  requests().answer(200, "body");
  EXPECT_EQ(ended["/api/v1/pods/x"], Ended{"200 body"});
  EXPECT_EQ(observed, (std::vector<Code>{{http::Method::Patch, "200"}}));
}

TEST_F(ApiClient, ImpersonatesOfTheRequestBeforeThatOfTheConfiguration) {
  as = Impersonation{"jane", {}, {}, {}};
  make();
  send(request("a"));
  EXPECT_EQ(http::find(requests().sent.at(0).request.headers, "Impersonate-User"), "jane");
  ApiRequest q = request("b");
  q.as = Impersonation{"system:serviceaccount:shop:db", {"g1"}, "u", {{"a/b", "v"}}};
  send(q);
  const http::Headers& headers = requests().sent.at(1).request.headers;
  EXPECT_EQ(http::Headers(headers.begin() + 3, headers.end()),
            (http::Headers{{"Impersonate-User", "system:serviceaccount:shop:db"},
                           {"Impersonate-Uid", "u"},
                           {"Impersonate-Group", "g1"},
                           {"Impersonate-Extra-a%2Fb", "v"}}));
}

TEST_F(ApiClient, AnImpersonationThatCannotBeSaidIsNotSent) {
  make();
  for (const char* user : {"", "a\r\nX-Evil: 1"}) {
    ApiRequest q = request(std::string("q") + user);
    q.as = Impersonation{user, {}, {}, {}};
    send(q);
  }
  EXPECT_TRUE(requests().sent.empty());
  EXPECT_TRUE(ended.empty()) << "never within send()";
  runLater();
  EXPECT_EQ(ended.size(), 2u);
  send(request("next"));
  EXPECT_EQ(waitingTargets(), Ended{"next"}) << "their places are free again";
}

TEST_F(ApiClient, SeveralGroupsWouldBecomeOne) {
  make();
  ApiRequest q = request("a");
  q.as = Impersonation{"jane", {"g1", "g2"}, {}, {}};
  send(q);
  runLater();
  EXPECT_EQ(ended["a"].size(), 1u);
  EXPECT_EQ(errors.at("a").kind, Error::Kind::Invalid);
  EXPECT_EQ(made.at(0)->total, 0);
}

TEST_F(ApiClient, RefusalsAreTypedErrors) {
  make();
  send(request("a"));
  requests().answer(404, kNotFound);
  EXPECT_EQ(ended["a"], Ended{"not found"});
  EXPECT_EQ(errors.at("a").message, "pods \"x\" not found");
  EXPECT_EQ(errors.at("a").httpStatus, 404);
  EXPECT_EQ(observed, (std::vector<Code>{{http::Method::Get, "404"}}));
}

TEST_F(ApiClient, TooManyRequestsAreRepeatedAfterRetryAfter) {
  most = 1;
  make();
  ApiRequest q = request("a");
  q.method = http::Method::Post;
  q.idempotent = false;
  send(q);
  send(request("b"));
  requests().answer(429, "", {{"Retry-After", "2"}});
  EXPECT_EQ(waitingTargets(), Ended{"b"}) << "holds no place during its pause";
  EXPECT_EQ(runLater(), std::vector<int64_t>{2050});
  EXPECT_EQ(waitingTargets(), Ended{"b"}) << "waits for its turn again";
  requests().answer(200);
  requests().answer(201, "made");
  EXPECT_EQ(ended["a"], Ended{"201 made"});
  EXPECT_EQ(observed,
            (std::vector<Code>{{http::Method::Post, "429"}, {http::Method::Get, "200"}, {http::Method::Post, "201"}}));
}

TEST_F(ApiClient, LostConnectionsAreRepeatedOnlyWhenIdempotent) {
  make();
  ApiRequest q = request("post");
  q.method = http::Method::Post;
  q.idempotent = false;
  send(q);
  requests().fail(unavailable("connection reset"));
  EXPECT_EQ(ended["post"], Ended{"unavailable"});
  EXPECT_TRUE(later.empty());
  send(request("get"));
  requests().fail(unavailable("connection reset"));
  EXPECT_TRUE(ended["get"].empty());
  EXPECT_EQ(runLater(), std::vector<int64_t>{50});
  requests().answer(503);
  EXPECT_EQ(runLater(), std::vector<int64_t>{100});
  requests().answer(200);
  EXPECT_EQ(ended["get"], Ended{"200 "});
  EXPECT_EQ(observed.at(0).second, "<error>");
}

TEST_F(ApiClient, GivesUpAfterItsTries) {
  make();
  ApiRequest q = request("a");
  q.retries = 2;
  send(q);
  for (int i = 0; i < 3; ++i) {
    requests().fail(unavailable("down"));
    runLater();
  }
  EXPECT_EQ(ended["a"], Ended{"unavailable"});
  EXPECT_EQ(requests().total, 3);
}

TEST_F(ApiClient, A401IsTriedOnceMoreWithANewCredential) {
  make();
  send(request("a"));
  authenticator->another = true;
  authenticator->next = Credential{"Bearer two", 2};
  requests().answer(401);
  ASSERT_EQ(requests().sent.size(), 1u);
  EXPECT_EQ(http::find(requests().sent.at(0).request.headers, "Authorization"), "Bearer two");
  EXPECT_EQ(authenticator->refusals, std::vector<uint64_t>{1});
  requests().answer(401);
  EXPECT_EQ(ended["a"], Ended{"unauthorized"});
  EXPECT_EQ(authenticator->refusals, std::vector<uint64_t>{1}) << "once";
  EXPECT_EQ(made.size(), 3u) << "a token needs no new connections";
}

TEST_F(ApiClient, A401WithNothingElseToTryIsFinal) {
  make();
  send(request("a"));
  requests().answer(401);
  EXPECT_EQ(ended["a"], Ended{"unauthorized"});
  EXPECT_TRUE(requests().sent.empty());
}

TEST_F(ApiClient, ARefusedCertificateNeedsNewConnections) {
  authenticator->next = Credential{};
  make();
  send(request("a"));
  send(request("b"));
  FakeTransport& old = requests();
  old.answer(401);
  ASSERT_EQ(made.size(), 6u);
  ASSERT_EQ(requests().sent.size(), 1u);
  requests().answer(200);
  old.answer(401);  // of the old connections too: the new ones may do
  EXPECT_EQ(made.size(), 6u);
  requests().answer(401);
  EXPECT_EQ(ended["b"], Ended{"unauthorized"});
  send(request("c"));
  requests().answer(401);
  EXPECT_EQ(ended["c"], Ended{"unauthorized"}) << "not again within ten seconds";
  clock.advance(10s);
  send(request("d"));
  requests().answer(401);
  EXPECT_EQ(made.size(), 9u);
}

TEST_F(ApiClient, ACredentialThatCannotBeGot) {
  authenticator->next = invalid("plugin failed");
  make();
  send(request("a"));
  EXPECT_TRUE(ended.empty());
  runLater();
  EXPECT_EQ(ended["a"], Ended{"plugin failed"});
  EXPECT_EQ(made.at(0)->total, 0);
}

TEST_F(ApiClient, WaitsForASlowCredential) {
  authenticator->slow = true;
  make();
  send(request("a"));
  EXPECT_TRUE(requests().sent.empty());
  authenticator->waiting.at(0)(Credential{"Bearer late", 3});
  EXPECT_EQ(http::find(requests().sent.at(0).request.headers, "Authorization"), "Bearer late");
}

TEST_F(ApiClient, ShutDownEndsWhatWaits) {
  most = 2;
  make();
  send(request("pausing"));
  requests().answer(429);
  send(request("a"));
  send(request("b"));
  send(request("waiting"));
  client->shutDown();
  EXPECT_EQ(ended["pausing"], Ended{"cancelled"});
  EXPECT_EQ(ended["waiting"], Ended{"cancelled"});
  EXPECT_TRUE(ended["a"].empty());
  send(request("late"));
  EXPECT_TRUE(ended["late"].empty()) << "never within send()";
  runLater();
  EXPECT_EQ(ended["late"], Ended{"cancelled"});
  requests().answer(200, "in order");
  EXPECT_EQ(ended["a"], Ended{"200 in order"}) << "what is under way ends as it ends";
  requests().answer(503);
  EXPECT_EQ(ended["b"], Ended{"unavailable"}) << "but is not repeated";
  client->shutDown();
  runLater();
  for (const auto& [target, results] : ended) EXPECT_EQ(results.size(), 1u) << target;
  EXPECT_TRUE(requests().sent.empty());
}

TEST_F(ApiClient, A401DuringShutDownIsNotRepeated) {
  authenticator->another = true;
  make();
  send(request("a"));
  client->shutDown();
  requests().answer(401);
  EXPECT_EQ(ended["a"], Ended{"unauthorized"});
}

TEST_F(ApiClient, MayGoAwayWithRequestsUnderWay) {
  make();
  for (const char* target : {"a", "b", "c"}) send(request(target));
  FakeTransport& transport = requests();
  client.reset();
  EXPECT_EQ(ended["c"], Ended{"cancelled"});
  transport.answer(200);
  transport.answer(503);
  EXPECT_EQ(ended["a"], Ended{"200 "});
  EXPECT_EQ(ended["b"], Ended{"unavailable"});
  EXPECT_TRUE(transport.sent.empty());
}

TEST_F(ApiClient, ManyThreadsEachAnsweredOnce) {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  auto transport = std::make_shared<FakeTransport>();
  Timers timers;
  ApiClientOptions o;
  o.connect = [&] { return transport; };
  o.authenticator = staticToken("t");
  o.after = [&](std::chrono::steady_clock::duration, std::function<void()> f) { timers.after(0ms, std::move(f)); };
  o.maxInFlight = 8;
  client = makeApiClient(std::move(o));
  std::atomic<int> done{0};
  std::atomic<bool> stop{false};
  std::thread server([&] {
    FakeTransport::Sent sent;
    for (int i = 0; !stop; ++i) {
      if (!transport->tryTake(sent)) {
        std::this_thread::yield();
        continue;
      }
      if (i % 7 == 0)
        sent.done(unavailable("lost"));
      else
        sent.done(http::Response{i % 5 == 0 ? 429 : 200, {}, ""});
    }
  });
  std::vector<std::thread> senders;
  for (int t = 0; t < kThreads; ++t)
    senders.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i)
        client->send(request("x", static_cast<Lane>((t + i) % 4)), [&](Result<http::Response>) { ++done; });
    });
  for (std::thread& t : senders) t.join();
  while (done < kThreads * kEach / 2) std::this_thread::yield();
  client->shutDown();
  while (done < kThreads * kEach) std::this_thread::yield();
  stop = true;
  server.join();
  EXPECT_EQ(done, kThreads * kEach);
}

}  // namespace
}  // namespace baton::kube
