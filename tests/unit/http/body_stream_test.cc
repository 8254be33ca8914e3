// Responses whose body is sent as it comes to be.
#include <thread>

#include "base/time.h"
#include "http/body_queue.h"
#include "unit/http/raw_client.h"
#include "unit/http/support.h"

namespace baton::http {
namespace {

using namespace test;
using namespace std::chrono_literals;
using Body = std::shared_ptr<BodyStream>;

std::shared_ptr<const std::string> text(std::string s) { return std::make_shared<const std::string>(std::move(s)); }

constexpr const char* kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Answers by a stream, which it gives to `streams`.
Handler streaming(Waiter<Body>& streams) {
  return [&](Request, Peer, Respond respond) {
    Response r{200, {{"Content-Type", "text/event-stream"}}, "first "};
    r.stream = [&](Body body) { streams.set(std::move(body)); };
    respond(std::move(r));
  };
}

/// Whether it takes nothing any more, now or soon.
bool ends(const Body& body) {
  for (const Steady until = std::chrono::steady_clock::now() + kHang; std::chrono::steady_clock::now() < until;) {
    if (!body->send(text("."))) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

TEST(BodyStream, IsSentAsItComesUntilItIsComplete) {
  Waiter<Body> streams;
  const auto server = serve(streaming(streams));
  RawClient client(server->port());
  client.send(kGet);
  const std::string head = client.until("first ");
  EXPECT_NE(head.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
  const Body body = streams.get();
  EXPECT_TRUE(body->send(text("second ")));
  EXPECT_EQ(client.until("second "), "second ");
  EXPECT_TRUE(body->send(text("third")));
  body->finish();
  EXPECT_FALSE(body->send(text("late")));
  EXPECT_EQ(client.rest(), "third");
}

TEST(BodyStream, ComesWholeWhateverItsSize) {
  Waiter<Body> streams;
  const auto server = serve(streaming(streams));
  RawClient client(server->port());
  client.send(kGet);
  const Body body = streams.get();
  std::string sent;
  std::thread sender([&] {
    for (int i = 0; i < 300; ++i) {
      const std::string part(static_cast<size_t>(i) * 100, static_cast<char>('a' + i % 26));
      EXPECT_TRUE(body->send(text(part)));
      sent += part;
    }
    body->finish();
  });
  const std::string all = client.rest();
  sender.join();
  EXPECT_TRUE(all.ends_with("first " + sent));
}

TEST(BodyStream, OverTls) {
  const Authority ca = makeAuthority();
  const Identity local = issue(ca, "IP:127.0.0.1");
  Waiter<Body> streams;
  const auto server = serveTls({local.chain, local.key, ""}, streaming(streams));
  Tls tls;
  tls.ca = ca.certificate;
  const auto transport = makeTransport({url(*server, "https"), [tls] { return tls; }});
  std::thread sender([&] {
    const Body body = streams.get();
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(body->send(text(std::string(1000, 'x'))));
    body->finish();
  });
  const auto answer = fetch(*transport, get("/"));
  sender.join();
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->body, "first " + std::string(1000000, 'x'));
}

TEST(BodyStream, EndsWhenTheClientGoes) {
  Waiter<Body> streams;
  const auto server = serve(streaming(streams));
  {
    RawClient client(server->port());
    client.send(kGet);
    client.until("first ");
  }
  EXPECT_TRUE(ends(streams.get()));
}

TEST(BodyStream, EndsWhenItsClientTakesTooLittle) {
  Waiter<Body> streams;
  const auto server = serve(streaming(streams), [](ServerOptions& o) { o.limits.streamed = 100000; });
  RawClient client(server->port());
  client.send(kGet);
  client.until("first ");
  const Body body = streams.get();
  bool taken = true;
  for (int i = 0; i < 100000 && taken; ++i) taken = body->send(text(std::string(10000, 'x')));
  EXPECT_FALSE(taken);
  EXPECT_FALSE(body->send(text("x")));
}

TEST(BodyStream, EndsWithTheServerWhichDoesNotWaitForIt) {
  Waiter<Body> streams;
  const auto server = serve(streaming(streams));
  RawClient client(server->port());
  client.send(kGet);
  client.until("first ");
  const Body body = streams.get();
  server->stop(kHang);
  EXPECT_EQ(client.rest(), "");
  EXPECT_FALSE(body->send(text("late")));
}

TEST(BodyStream, IsNotBegunForHead) {
  bool begun = false;
  const auto server = serve([&](Request, Peer, Respond respond) {
    Response r{200, {}, ""};
    r.stream = [&](Body) { begun = true; };
    respond(std::move(r));
  });
  const std::string answer = talk(server->port(), "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
  EXPECT_FALSE(begun);
}

TEST(BodyStream, AQueueHandsOutWhatItTookInOrder) {
  int woken = 0;
  BodyQueue queue(10, [&] { ++woken; });
  EXPECT_TRUE(queue.send(text("abc")));
  EXPECT_TRUE(queue.send(text("def")));
  EXPECT_EQ(queue.waiting(), 6U);
  EXPECT_EQ(queue.next(), "abcdef");
  EXPECT_EQ(queue.waiting(), 0U);
  EXPECT_EQ(queue.next(), "");
  EXPECT_TRUE(queue.send(text("0123456789")));
  EXPECT_EQ(queue.waiting(), 10U);
  EXPECT_FALSE(queue.send(text("x")));
  EXPECT_EQ(queue.next(), std::nullopt);
  EXPECT_EQ(woken, 4);
}

}  // namespace
}  // namespace baton::http
