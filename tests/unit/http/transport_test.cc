#include <algorithm>
#include <set>
#include <thread>

#include "unit/http/raw_server.h"
#include "unit/http/support.h"

namespace baton::http {
namespace {

using namespace test;
using namespace std::chrono_literals;

TEST(Transport, SendsAndReceives) {
  const auto server = serve([](Request request, Peer, Respond respond) {
    respond({201, {{"X-Test", std::string(*find(request.headers, "x-asked"))}}, request.target + " " + request.body});
  });
  const auto transport = makeTransport({url(*server), {}});
  Request request = get("/a%20b/c%2Fd?x=%2B1&y=a%20b&labelSelector=a%3Db");
  request.method = Method::Post;
  request.headers = {{"X-Asked", "yes"}, {"Content-Type", "text/plain"}};
  request.body = "body";
  const auto response = fetch(*transport, request);
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(find(response->headers, "X-Test"), "yes");
  EXPECT_EQ(response->body, "/a%20b/c%2Fd?x=%2B1&y=a%20b&labelSelector=a%3Db body");
}

TEST(Transport, AllMethods) {
  const auto server = serve(echo);
  const auto transport = makeTransport({url(*server), {}});
  for (const Method m : {Method::Get, Method::Put, Method::Post, Method::Patch, Method::Delete, Method::Options}) {
    Request request = get("/m");
    request.method = m;
    if (m != Method::Get) request.body = "b";
    const auto response = fetch(*transport, request);
    ASSERT_TRUE(response.ok()) << name(m) << response.error().message;
    EXPECT_EQ(response->body, std::string(name(m)) + " /m " + request.body);
  }
  Request head = get("/m");
  head.method = Method::Head;
  const auto response = fetch(*transport, head);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->body, "");
  EXPECT_EQ(find(response->headers, "Content-Length"), "8");
}

TEST(Transport, StatusesAreNotErrorsAndRedirectsAreNotFollowed) {
  const auto server = serve([](Request request, Peer, Respond respond) {
    respond({std::stoi(request.target.substr(1)), {{"Location", "/200"}}, "x"});
  });
  const auto transport = makeTransport({url(*server), {}});
  for (const int status : {204, 301, 302, 307, 404, 429, 500}) {
    const auto response = fetch(*transport, get("/" + std::to_string(status)));
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->status, status);
  }
}

TEST(Transport, LargeBodiesBothWays) {
  const auto server = serve(
      [](Request r, Peer, Respond respond) {
        respond({200, {}, std::move(r.body)});
      },
      [](ServerOptions& options) { options.limits.body = size_t{8} << 20; });
  const auto transport = makeTransport({url(*server), {}});
  Request request = get("/");
  request.method = Method::Put;
  for (size_t i = 0; i < size_t{5} << 20; ++i) request.body += static_cast<char>(i * 7 + i / 1000);
  const auto response = fetch(*transport, request);
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_TRUE(response->body == request.body);
}

TEST(Transport, KeepsConnections) {
  std::set<uint16_t> ports;
  const auto server = serve([&](Request r, Peer peer, Respond respond) {
    ports.insert(peer.port);
    echo(std::move(r), peer, std::move(respond));
  });
  const auto transport = makeTransport({url(*server), {}});
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(fetch(*transport, get("/")).ok());
  EXPECT_LE(ports.size(), 4u);  // one may be on its way back to the pool when the next request is sent
}

TEST(Transport, DeadlineEndsTheCall) {
  Respond kept;
  const auto server = serve([&](Request, Peer, Respond respond) { kept = std::move(respond); });
  const auto transport = makeTransport({url(*server), {}});
  Request request = get("/");
  request.timeout = 50ms;
  const auto response = fetch(*transport, request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, Error::Kind::Timeout);
}

TEST(Transport, DeadlineCountsForTheWholeExchangeNotForSilence) {
  RawServer server([](auto& socket) {
    if (!readHead(socket) || !say(socket, kChunkedHead)) return;
    while (say(socket, chunk("x"))) std::this_thread::sleep_for(10ms);
  });
  const auto transport = makeTransport({server.url(), {}});
  Request request = get("/");
  request.timeout = 300ms;
  const auto response = fetch(*transport, request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, Error::Kind::Timeout);
}

TEST(Transport, CancelEndsTheCallOnce) {
  Waiter<bool> arrived;
  Respond kept;
  const auto server = serve([&](Request, Peer, Respond respond) {
    kept = std::move(respond);
    arrived.set(true);
  });
  const auto transport = makeTransport({url(*server), {}});
  Waiter<Result<Response>> waiter;
  const auto call = transport->send(get("/"), [&](Result<Response> r) { waiter.set(std::move(r)); });
  arrived.get();
  call->cancel();
  call->cancel();
  const auto response = waiter.get();
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, Error::Kind::Cancelled);
  call->cancel();
}

TEST(Transport, CancelAtOnce) {
  const auto server = serve(echo);
  const auto transport = makeTransport({url(*server), {}});
  for (int i = 0; i < 100; ++i) {
    Waiter<Result<Response>> waiter;
    const auto call = transport->send(get("/"), [&](Result<Response> r) { waiter.set(std::move(r)); });
    call->cancel();
    const auto response = waiter.get();
    EXPECT_TRUE(response.ok() || response.error().kind == Error::Kind::Cancelled);
  }
}

TEST(Transport, RefusedConnectionSaysWhereAndNotTheToken) {
  std::string address;
  { address = url(*serve(echo)); }
  const auto transport = makeTransport({address, {}});
  Request request = get("/secret?token=hidden");
  request.headers = {{"Authorization", "Bearer hidden"}};
  const auto response = fetch(*transport, request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, Error::Kind::Unavailable);
  EXPECT_NE(response.error().message.find(address), std::string::npos) << response.error().message;
  EXPECT_EQ(response.error().message.find("hidden"), std::string::npos) << response.error().message;
}

TEST(Transport, WhatCannotBeSentIsInvalid) {
  const auto server = serve(echo);
  const auto transport = makeTransport({url(*server), {}});
  Request smuggling = get("/");
  smuggling.headers = {{"X-A", "b\r\nX-C: d"}};
  for (const Request& bad : {smuggling, get("no-slash"), get("/a b"), get("/a\r\nX: y"), get("/a\"b"), get("")}) {
    const auto response = fetch(*transport, bad);
    ASSERT_FALSE(response.ok()) << bad.target;
    EXPECT_EQ(response.error().kind, Error::Kind::Invalid) << bad.target;
  }
  for (const char* bad : {"nonsense", "ftp://a", "http://[::1]:80", "http://a:99999"}) {
    const auto response = fetch(*makeTransport({bad, {}}), get("/"));
    ASSERT_FALSE(response.ok()) << bad;
    EXPECT_EQ(response.error().kind, Error::Kind::Invalid) << bad;
  }
}

TEST(Transport, FramingHeadersOfTheCallerAreLeftOut) {
  const auto server = serve(echo);
  const auto transport = makeTransport({url(*server), {}});
  Request request = get("/");
  request.method = Method::Post;
  request.headers = {{"content-length", "99"}, {"Transfer-Encoding", "chunked"}, {"Connection", "close"}};
  request.body = "b";
  const auto response = fetch(*transport, request);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->body, "POST / b");
}

TEST(Transport, AnswersThatEndTooSoonOrMakeNoSenseAreUnavailable) {
  const std::string answers[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
      std::string(kChunkedHead) + "5\r\nhel",
      std::string(kChunkedHead) + "5\r\nhello\r\n",
      std::string(kChunkedHead) + "zz\r\n",
      std::string(kChunkedHead) + "-2\r\nhello\r\n0\r\n\r\n",
      std::string(kChunkedHead) + "-1\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Le",
      "nonsense\r\n\r\n",
      "",
  };
  for (const std::string& answer : answers) {
    RawServer server([&](auto& socket) {
      if (readHead(socket)) say(socket, answer);
    });
    const auto response = fetch(*makeTransport({server.url(), {}}), get("/"));
    ASSERT_FALSE(response.ok()) << answer;
    EXPECT_EQ(response.error().kind, Error::Kind::Unavailable) << answer;
  }
}

TEST(Transport, BodyUpToTheEndOfTheConnection) {
  RawServer server([&](auto& socket) {
    if (readHead(socket)) say(socket, "HTTP/1.0 200 OK\r\n\r\nall of it");
  });
  const auto response = fetch(*makeTransport({server.url(), {}}), get("/"));
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->body, "all of it");
}

TEST(Transport, MayBeDroppedBeforeItsCallsEnd) {
  Respond kept;
  Waiter<bool> arrived;
  const auto server = serve([&](Request, Peer, Respond respond) {
    kept = std::move(respond);
    arrived.set(true);
  });
  Waiter<Result<Response>> waiter;
  makeTransport({url(*server), {}})->send(get("/"), [&](Result<Response> r) { waiter.set(std::move(r)); });
  arrived.get();
  kept({200, {}, "late"});
  const auto response = waiter.get();
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->body, "late");
}

void sendMany(Transport& transport, int sequential, int concurrent) {
  for (int i = 0; i < sequential; ++i) ASSERT_TRUE(fetch(transport, get("/")).ok());
  std::vector<std::unique_ptr<Waiter<Result<Response>>>> waiters;
  for (int i = 0; i < concurrent; ++i) {
    auto* waiter = waiters.emplace_back(std::make_unique<Waiter<Result<Response>>>()).get();
    transport.send(get("/" + std::to_string(i)), [waiter](Result<Response> r) { waiter->set(std::move(r)); });
  }
  for (int i = 0; i < concurrent; ++i) {
    const auto response = waiters[static_cast<size_t>(i)]->get();
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->body, "GET /" + std::to_string(i) + " ");
  }
}

TEST(Transport, ManyRequestsLeakNeitherFilesNorThreads) {
  const auto server = serve(echo);
  const auto transport = makeTransport({url(*server), {}});
  sendMany(*transport, 10, 64);
  const size_t files = openFiles();
  const size_t threadsBefore = threads();
  for (int round = 0; round < 4; ++round) sendMany(*transport, 250, 64);
  EXPECT_LE(openFiles(), files + 64);
  EXPECT_LE(threads(), threadsBefore);
}

}  // namespace
}  // namespace baton::http
