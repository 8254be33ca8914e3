// HTTP hooks against a real server.
#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "http/server.h"
#include "kube/base64.h"
#include "unit/mechanisms/fixture.h"

namespace baton::mechanisms {
namespace {

using namespace http::test;
using nlohmann::json;

class HttpRun : public MechanismsTest {
 protected:
  void serve(http::Handler handler) {
    server_ptr_ = http::test::serve(
        std::move(handler), [](http::ServerOptions& o) { o.limits.connections = o.limits.connectionsOfPeer = 400; });
    action_.port = server_ptr_->port();
  }
  /// Takes action_ over as the hook.
  void set(int retries = 0, int timeoutSeconds = 60) {
    api::Hook h;
    h.action = action_;
    h.retries = retries;
    h.timeoutSeconds = timeoutSeconds;
    setHook(h);
  }
  ha::EffectResult call(api::HookKind kind = api::HookKind::Promote) {
    set();
    return run(hookEffect(kind));
  }
  void secret(const std::string& key, const std::string& value) {
    action_.headersSecret = "access";
    server_ = [=](const ApiRequest&, size_t) { return ok(json{{"data", {{key, kube::base64Encode(value)}}}}.dump()); };
  }

  api::HttpAction action_;
  std::unique_ptr<http::Server> server_ptr_;
};

TEST_F(HttpRun, Post) {
  Waiter<http::Request> got;
  serve([&](http::Request r, http::Peer, http::Respond respond) {
    got.set(std::move(r));
    respond({204, {}, ""});
  });
  action_.path = "/role?force=1";
  const auto r = call();
  EXPECT_TRUE(r.done()) << r.message;
  const http::Request q = got.get();
  EXPECT_EQ(q.method, http::Method::Post);
  EXPECT_EQ(q.target, "/role?force=1");
  EXPECT_EQ(http::find(q.headers, "Baton-Epoch"), "5");
  EXPECT_EQ(http::find(q.headers, "Content-Type"), "application/json");
  EXPECT_EQ(json::parse(q.body), (json{{"group", "orders"},
                                       {"namespace", "shop"},
                                       {"request", "move-1"},
                                       {"epoch", 5},
                                       {"role", "primary"},
                                       {"pod", "orders-1"},
                                       {"podIP", "127.0.0.1"},
                                       {"primaryPod", "orders-1"},
                                       {"primaryIP", "127.0.0.1"}}));
}

TEST_F(HttpRun, GetHasNoBody) {
  Waiter<http::Request> got;
  serve([&](http::Request r, http::Peer, http::Respond respond) {
    got.set(std::move(r));
    respond({200, {}, R"({"role":"standby","position":7,"healthy":false})"});
  });
  action_.method = "GET";
  const auto r = call(api::HookKind::Probe);
  ASSERT_TRUE(r.report.has_value()) << r.message;
  EXPECT_EQ(r.report->position, 7);
  EXPECT_FALSE(r.report->healthy);
  const http::Request q = got.get();
  EXPECT_EQ(q.method, http::Method::Get);
  EXPECT_EQ(q.body, "");
  EXPECT_FALSE(http::find(q.headers, "Content-Type").has_value());
}

TEST_F(HttpRun, NamedPort) {
  serve([](http::Request, http::Peer, http::Respond respond) { respond({200, {}, "done"}); });
  pod_.ports.push_back({Interned("admin"), server_ptr_->port()});
  action_.port = "admin";
  EXPECT_EQ(call().message, "done");
  action_.port = "other";
  EXPECT_EQ(call().message, "pod orders-1 has no container port named 'other'");
}

TEST_F(HttpRun, StatusAndBodyOfARefusal) {
  std::atomic<int> calls{0};
  serve([&](http::Request, http::Peer, http::Respond respond) {
    ++calls;
    respond({503, {}, "not\tyet"});
  });
  set(1);
  const auto r = run(hookEffect());
  EXPECT_EQ(r.message, "HTTP status 503: not yet");
  EXPECT_EQ(r.attempts, 2);
  EXPECT_EQ(calls, 2);
}

TEST_F(HttpRun, RedirectsAreNotFollowed) {
  serve([](http::Request, http::Peer, http::Respond respond) { respond({302, {{"Location", "/other"}}, ""}); });
  EXPECT_EQ(call().message, "HTTP status 302");
}

TEST_F(HttpRun, HeadersOfASecret) {
  Waiter<http::Request> got;
  serve([&](http::Request r, http::Peer, http::Respond respond) {
    const std::string echoed(http::find(r.headers, "Authorization").value_or(""));
    got.set(std::move(r));
    respond({401, {}, "bad token: " + echoed});
  });
  secret("Authorization", "Bearer s3cret");
  spec_.serviceAccountName = "operator";
  const auto r = call();
  EXPECT_EQ(http::find(got.get().headers, "Authorization"), "Bearer s3cret");
  EXPECT_EQ(r.message, "HTTP status 401: bad token: [Authorization]");
  ASSERT_EQ(requests().size(), 1u);
  EXPECT_EQ(requests()[0].target, "/api/v1/namespaces/shop/secrets/access");
  EXPECT_EQ(requests()[0].as->user, "system:serviceaccount:shop:operator");
}

TEST_F(HttpRun, AProbeDoesNotReadItsSecretEachTime) {
  std::atomic<int> status{200};
  serve([&](http::Request, http::Peer, http::Respond respond) { respond({status, {}, R"({"role":"standby"})"}); });
  secret("Authorization", "Bearer s3cret");
  EXPECT_TRUE(call(api::HookKind::Probe).done());
  EXPECT_TRUE(call(api::HookKind::Probe).done());
  EXPECT_EQ(requests().size(), 1u);
  spec_.serviceAccountName = "operator";
  EXPECT_TRUE(call(api::HookKind::Probe).done());
  EXPECT_EQ(requests().size(), 2u) << "another account may not be allowed to read it";
  status = 401;
  call(api::HookKind::Probe);
  call(api::HookKind::Probe);
  EXPECT_EQ(requests().size(), 3u) << "what is turned away is read anew";
  call(api::HookKind::Promote);
  EXPECT_EQ(requests().size(), 4u) << "what changes a role uses what is there now";
}

TEST_F(HttpRun, HeadersThatCannotBe) {
  std::atomic<int> calls{0};
  serve([&](http::Request, http::Peer, http::Respond respond) {
    ++calls;
    respond({200, {}, ""});
  });
  secret("Authorization", "Bearer s3cret\n");
  set(3);
  const auto r = run(hookEffect());
  EXPECT_EQ(r.message, "Secret access: the value of 'Authorization' holds a line end or another control character");
  EXPECT_EQ(r.attempts, 1);
  EXPECT_EQ(calls, 0);
}

TEST_F(HttpRun, SecretThatIsNotThere) {
  action_.port = 1;
  action_.headersSecret = "access";
  set(3);
  const auto r = run(hookEffect());
  EXPECT_THAT(r.message, testing::StartsWith("Secret access: "));
  EXPECT_EQ(r.attempts, 1);
}

TEST_F(HttpRun, LongAnswers) {
  serve([](http::Request, http::Peer, http::Respond respond) { respond({200, {}, std::string(300'000, ' ')}); });
  EXPECT_TRUE(call().done());
  const auto r = call(api::HookKind::Probe);
  EXPECT_TRUE(r.failed());
  EXPECT_EQ(r.message, "probe answered more than 64 KiB");
}

TEST_F(HttpRun, TimeLimitOfATry) {
  std::vector<http::Respond> kept;  // of the server's one thread
  serve([&](http::Request, http::Peer, http::Respond respond) { kept.push_back(std::move(respond)); });
  set(0, 1);
  const auto r = run(hookEffect());
  EXPECT_EQ(r.message, "no answer within 1 s");
  EXPECT_THAT(observed(), testing::ElementsAre("promote timeout"));
  server_ptr_ = nullptr;
}

TEST_F(HttpRun, CertificateForThePodsName) {
  const Authority ca = makeAuthority();
  const auto handler = [](http::Request, http::Peer, http::Respond respond) { respond({200, {}, "safe"}); };
  const Identity named = issue(ca, "DNS:orders-1");
  const auto good = serveTls({named.chain, named.key, ""}, handler);
  const Identity addressed = issue(ca, "IP:127.0.0.1");
  const auto other = serveTls({addressed.chain, addressed.key, ""}, handler);
  action_.https = true;
  action_.caBundle = ca.certificate;
  action_.port = good->port();
  EXPECT_EQ(call().message, "safe");
  action_.caBundle = kube::base64Encode(ca.certificate);
  EXPECT_EQ(call().message, "safe");
  action_.caBundle = makeAuthority("another CA").certificate;
  EXPECT_TRUE(call().failed());
  action_.caBundle = ca.certificate;
  action_.port = other->port();
  EXPECT_TRUE(call().failed());
  action_.caBundle = "";
  action_.insecureSkipVerify = true;
  EXPECT_EQ(call().message, "safe");
}

// 50 of 200 never get an answer; all others end before any of these is given up.
TEST_F(HttpRun, HangingHooksHoldUpNobody) {
  std::mutex mutex;
  std::vector<http::Respond> hanging;
  serve([&](http::Request r, http::Peer, http::Respond respond) {
    if (!json::parse(r.body)["request"].get<std::string>().starts_with("hang")) return respond({200, {}, ""});
    const std::lock_guard l(mutex);
    hanging.push_back(std::move(respond));
  });
  set(0, 3600);
  std::vector<std::pair<http::CallHandle, Ended>> stuck, quick;
  for (int i = 0; i < 200; ++i) {
    ha::Effect e = hookEffect();
    e.request = (i % 4 == 0 ? "hang-" : "go-") + std::to_string(i);
    (i % 4 == 0 ? stuck : quick).push_back(start(e, target()));
  }
  for (const auto& [handle, ended] : quick) EXPECT_TRUE(ended->get().done());
  ASSERT_TRUE(kube::eventually([&] {
    const std::lock_guard l(mutex);
    return hanging.size() == 50;
  }));
  for (const auto& [handle, ended] : stuck) handle->cancel();
  for (const auto& [handle, ended] : stuck) EXPECT_EQ(ended->get().message, "aborted");
  server_ptr_ = nullptr;
}

}  // namespace
}  // namespace baton::mechanisms
