#include "http/websocket.h"

#include <thread>

#include "unit/http/exec_server.h"
#include "unit/http/support.h"

namespace baton::http {
namespace {

using namespace test;
using namespace std::chrono_literals;
using End = ExecOutput::End;

const std::string kSuccess = R"({"kind":"Status","status":"Success"})";

class Exec : public testing::Test {
 protected:
  ExecCall call(const std::string& url) {
    ExecCall c;
    c.url = url;
    c.target = "/api/v1/namespaces/x/pods/y/exec?command=a%20b&stdout=true";
    c.headers = {{"Authorization", "Bearer hidden"}};
    c.deadline = std::chrono::duration_cast<std::chrono::milliseconds>(kHang);
    return c;
  }
  Result<ExecOutput> run(ExecCall c) {
    Waiter<Result<ExecOutput>> waiter;
    client_.run(std::move(c), [&](Result<ExecOutput> r) { waiter.set(std::move(r)); });
    return waiter.get();
  }
  ExecClient client_;
};

TEST_F(Exec, OutputAndStatus) {
  Waiter<beast::http::request<beast::http::string_body>> request;
  RawServer server(plainExec([&](ExecPeer& peer) {
    request.set(peer.request);
    peer.send(1, "");
    peer.send(1, "out ");
    peer.send(2, "err");
    peer.send(1, "put");
    peer.send(255, "\x01");
    peer.send(3, kSuccess);
    peer.waitForClose();
  }));
  const auto result = run(call(server.url()));
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->end, End::Status);
  EXPECT_EQ(result->status, kSuccess);
  EXPECT_EQ(result->out, "out put");
  EXPECT_EQ(result->err, "err");
  EXPECT_FALSE(result->outCut);
  EXPECT_FALSE(result->errCut);
  const auto sent = request.get();
  EXPECT_EQ(sent.target(), "/api/v1/namespaces/x/pods/y/exec?command=a%20b&stdout=true");
  EXPECT_EQ(sent[beast::http::field::authorization], "Bearer hidden");
  EXPECT_EQ(sent[beast::http::field::sec_websocket_protocol], "v5.channel.k8s.io");
  EXPECT_EQ(sent[beast::http::field::host], "127.0.0.1:" + std::to_string(server.port()));
}

TEST_F(Exec, OutputIsCutAtTheLimitAndTheStatusStillComes) {
  RawServer server(plainExec([](ExecPeer& peer) {
    for (int i = 0; i < 100; ++i) peer.send(1, std::string(1000, 'x'));
    peer.send(2, "12345");
    peer.send(3, kSuccess);
    peer.waitForClose();
  }));
  ExecCall limited = call(server.url());
  limited.outputLimit = 5;
  const auto result = run(limited);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->end, End::Status);
  EXPECT_EQ(result->out, "xxxxx");
  EXPECT_TRUE(result->outCut);
  EXPECT_EQ(result->err, "12345");
  EXPECT_FALSE(result->errCut);
}

TEST_F(Exec, AtTheDeadlineWhatHasComeIsGiven) {
  RawServer server(plainExec([](ExecPeer& peer) {
    peer.send(1, "half");
    peer.waitForClose();
  }));
  ExecCall slow = call(server.url());
  slow.deadline = 300ms;
  const auto result = run(slow);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->end, End::TimedOut);
  EXPECT_EQ(result->out, "half");
  EXPECT_EQ(result->status, "");
}

TEST_F(Exec, DeadlineBeforeTheUpgradeIsAnError) {
  RawServer server([](auto& socket) { waitForClose(socket); });
  ExecCall slow = call(server.url());
  slow.deadline = 50ms;
  const auto result = run(slow);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, Error::Kind::Timeout);
}

TEST_F(Exec, RefusedUpgrade) {
  const std::string body = R"({"kind":"Status","reason":"Forbidden","message":"no"})";
  RawServer server([&](auto& socket) {
    if (!readHead(socket)) return;
    say(socket, "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
    waitForClose(socket);
  });
  const auto result = run(call(server.url()));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, Error::Kind::Forbidden);
  EXPECT_EQ(result.error().httpStatus, 403);
  EXPECT_EQ(result.error().message, body);
}

TEST_F(Exec, AnotherProtocolIsNotSpoken) {
  RawServer server(plainExec([](ExecPeer& peer) { peer.waitForClose(); }, "base64.channel.k8s.io"));
  const auto result = run(call(server.url()));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, Error::Kind::Invalid);
}

TEST_F(Exec, OneOfSeveralProtocols) {
  RawServer server(plainExec([](ExecPeer& peer) { peer.send(3, kSuccess); }, "v4.channel.k8s.io"));
  ExecCall c = call(server.url());
  c.protocols = {"v5.channel.k8s.io", "v4.channel.k8s.io"};
  EXPECT_TRUE(run(c).ok());
}

TEST_F(Exec, ClosedWithoutStatus) {
  RawServer server(plainExec([](ExecPeer& peer) {
    peer.send(1, "x");
    peer.closeOrderly();
  }));
  const auto result = run(call(server.url()));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->end, End::Closed);
  EXPECT_EQ(result->out, "x");
}

TEST_F(Exec, LostWithoutStatus) {
  RawServer server(plainExec([](ExecPeer& peer) { peer.send(1, "x"); }));
  const auto result = run(call(server.url()));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->end, End::Lost);
}

TEST_F(Exec, AnEndlessMessageIsNotTaken) {
  RawServer server(plainExec([](ExecPeer& peer) {
    peer.send(1, std::string(8 << 20, 'x'));
    peer.waitForClose();
  }));
  const auto result = run(call(server.url()));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->end, End::Lost);
}

TEST_F(Exec, CancelledBeforeAndAfterTheUpgrade) {
  Waiter<bool> begun;
  RawServer server(plainExec([&](ExecPeer& peer) {
    begun.set(true);
    peer.waitForClose();
  }));
  Waiter<Result<ExecOutput>> early;
  client_.run(call("http://127.0.0.1:1"), [&](Result<ExecOutput> r) { early.set(std::move(r)); })->cancel();
  const auto first = early.get();
  ASSERT_FALSE(first.ok());
  EXPECT_TRUE(first.error().kind == Error::Kind::Cancelled || first.error().kind == Error::Kind::Unavailable);
  Waiter<Result<ExecOutput>> late;
  const auto handle = client_.run(call(server.url()), [&](Result<ExecOutput> r) { late.set(std::move(r)); });
  begun.get();
  std::this_thread::sleep_for(20ms);  // for the client to see the upgrade; either way it ends
  handle->cancel();
  handle->cancel();
  const auto second = late.get();
  EXPECT_TRUE(second.ok() ? second->end == End::Cancelled : second.error().kind == Error::Kind::Cancelled);
  handle->cancel();
}

TEST_F(Exec, DestroyingTheClientEndsCallsAndHandlesMayStay) {
  Waiter<bool> begun;
  RawServer server(plainExec([&](ExecPeer& peer) {
    begun.set(true);
    peer.waitForClose();
  }));
  Waiter<Result<ExecOutput>> waiter;
  CallHandle handle;
  {
    ExecClient client;
    handle = client.run(call(server.url()), [&](Result<ExecOutput> r) { waiter.set(std::move(r)); });
    begun.get();
  }
  const auto result = waiter.get();
  EXPECT_TRUE(result.ok() ? result->end == End::Cancelled : result.error().kind == Error::Kind::Cancelled);
  handle->cancel();
}

TEST_F(Exec, RefusedConnectionAndBadCalls) {
  std::string address;
  {
    address = RawServer([](auto&) {}).url();
  }
  const auto refused = run(call(address));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Error::Kind::Unavailable);
  EXPECT_EQ(refused.error().message.find("hidden"), std::string::npos);
  EXPECT_EQ(run(call("nonsense")).error().kind, Error::Kind::Invalid);
  ExecCall smuggling = call(address);
  smuggling.headers = {{"X", "a\r\nb: c"}};
  EXPECT_EQ(run(smuggling).error().kind, Error::Kind::Invalid);
}

TEST_F(Exec, OverTlsSessionsAreTakenUpAgain) {
  const Authority ca = makeAuthority();
  const Identity me = issue(ca, "DNS:localhost");
  std::atomic<int> reused{0};
  RawServer server(tlsExec(
      *serverContext({me.chain, me.key, ""}),
      [](ExecPeer& peer) {
        peer.send(3, kSuccess);
        peer.waitForClose();
      },
      &reused));
  ExecCall c = call("https://localhost:" + std::to_string(server.port()));
  c.tls.ca = ca.certificate;
  for (int i = 0; i < 3; ++i) {
    const auto result = run(c);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->status, kSuccess);
  }
  EXPECT_EQ(reused, 2);
}

TEST_F(Exec, OverTlsTheNameIsChecked) {
  const Authority ca = makeAuthority();
  const Identity other = issue(ca, "DNS:other.example");
  RawServer server(
      tlsExec(*serverContext({other.chain, other.key, ""}), [](ExecPeer& peer) { peer.send(3, kSuccess); }));
  ExecCall c = call("https://127.0.0.1:" + std::to_string(server.port()));
  c.tls.ca = ca.certificate;
  const auto refused = run(c);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Error::Kind::Unavailable);
  EXPECT_NE(refused.error().message.find("IP address mismatch"), std::string::npos) << refused.error().message;
  c.tls.serverName = "other.example";
  EXPECT_TRUE(run(c).ok());
  c.tls.serverName = "";
  c.tls.insecureSkipVerify = true;
  EXPECT_TRUE(run(c).ok());
}

TEST_F(Exec, ManyAtOnceLeakNothing) {
  RawServer server(plainExec([](ExecPeer& peer) {
    peer.send(1, "x");
    peer.send(3, kSuccess);
    peer.waitForClose();
  }));
  const size_t files = openFiles();
  std::vector<std::unique_ptr<Waiter<Result<ExecOutput>>>> waiters;
  for (int i = 0; i < 50; ++i) {
    auto* waiter = waiters.emplace_back(std::make_unique<Waiter<Result<ExecOutput>>>()).get();
    client_.run(call(server.url()), [waiter](Result<ExecOutput> r) { waiter->set(std::move(r)); });
  }
  for (const auto& waiter : waiters) {
    const auto result = waiter->get();
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->out, "x");
  }
  while (openFiles() > files + 60) std::this_thread::yield();  // the server's own: closed when it is destroyed
}

}  // namespace
}  // namespace baton::http
