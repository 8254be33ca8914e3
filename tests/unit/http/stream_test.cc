#include <thread>

#include "unit/http/raw_server.h"
#include "unit/http/support.h"

namespace baton::http {
namespace {

using namespace test;
using namespace std::chrono_literals;

// Notes what a stream's callbacks get; checks their order.
struct Reader {
  std::atomic<int> heads{0};
  Response head;
  std::string body;
  size_t pieces = 0;
  std::function<bool(std::string_view)> onPiece = [](std::string_view) { return true; };
  Waiter<Status> end;
  std::atomic<bool> ended{false};

  StreamHandlers handlers() {
    return {[this](const Response& h) {
              EXPECT_EQ(heads++, 0);
              EXPECT_FALSE(ended);
              head = h;
            },
            [this](std::string_view piece) {
              EXPECT_EQ(heads, 1);
              EXPECT_FALSE(ended);
              body += piece;
              ++pieces;
              return onPiece(piece);
            },
            [this](Status s) {
              ended = true;
              end.set(std::move(s));
            }};
  }
};

Request watch(std::chrono::milliseconds silence = kHang) {
  Request r = get("/watch");
  r.timeout = silence;
  return r;
}

TEST(Stream, PiecesInOrder) {
  RawServer server([](auto& socket) {
    if (!readHead(socket)) return;
    say(socket, kChunkedHead);
    for (int i = 0; i < 100; ++i) say(socket, chunk(std::to_string(i) + "\n"));
    say(socket, "0\r\n\r\n");
    waitForClose(socket);
  });
  std::string expected;
  for (int i = 0; i < 100; ++i) expected += std::to_string(i) + "\n";
  const auto transport = makeTransport({server.url(), {}});
  Reader reader;
  transport->stream(watch(), reader.handlers());
  const Status end = reader.end.get();
  EXPECT_TRUE(end.ok()) << end.error().message;
  EXPECT_EQ(reader.heads, 1);
  EXPECT_EQ(reader.head.status, 200);
  EXPECT_EQ(find(reader.head.headers, "transfer-encoding"), "chunked");
  EXPECT_EQ(reader.body, expected);
}

TEST(Stream, APieceIsHandedOnWhenItComes) {
  Waiter<bool> seen;
  RawServer server([&](auto& socket) {
    if (!readHead(socket)) return;
    say(socket, std::string(kChunkedHead) + chunk("first"));
    seen.get();
    say(socket, chunk("second") + "0\r\n\r\n");
    waitForClose(socket);
  });
  const auto transport = makeTransport({server.url(), {}});
  Reader reader;
  reader.onPiece = [&](std::string_view) {
    if (reader.pieces == 1) seen.set(true);
    return true;
  };
  transport->stream(watch(), reader.handlers());
  EXPECT_TRUE(reader.end.get().ok());
  EXPECT_EQ(reader.body, "firstsecond");
}

TEST(Stream, EmptyBody) {
  const auto server = serve([](Request, Peer, Respond respond) { respond({200, {}, ""}); });
  const auto transport = makeTransport({url(*server), {}});
  Reader reader;
  transport->stream(watch(), reader.handlers());
  EXPECT_TRUE(reader.end.get().ok());
  EXPECT_EQ(reader.heads, 1);
  EXPECT_EQ(reader.pieces, 0u);
}

TEST(Stream, LargeBodyOverTls) {
  const Authority ca = makeAuthority();
  const Identity me = issue(ca, "IP:127.0.0.1");
  const std::string large(3000000, 'x');
  const auto server = serveTls({me.chain, me.key, ""}, [&](Request, Peer, Respond respond) {
    respond({200, {}, large});
  });
  Tls tls;
  tls.ca = ca.certificate;
  const auto transport = makeTransport({url(*server, "https"), [tls] { return tls; }});
  Reader reader;
  transport->stream(watch(), reader.handlers());
  EXPECT_TRUE(reader.end.get().ok());
  EXPECT_TRUE(reader.body == large);
  EXPECT_GT(reader.pieces, 10u);
}

TEST(Stream, SilenceEndsIt) {
  RawServer server([](auto& socket) {
    if (!readHead(socket)) return;
    say(socket, std::string(kChunkedHead) + chunk("a"));
    waitForClose(socket);
  });
  const auto transport = makeTransport({server.url(), {}});
  Reader reader;
  // Long enough for a slow machine to have read the first piece before.
  transport->stream(watch(2s), reader.handlers());
  const Status end = reader.end.get();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().kind, Error::Kind::Timeout);
  EXPECT_EQ(reader.body, "a");
}

TEST(Stream, SilenceBeforeTheHead) {
  RawServer server([](auto& socket) { waitForClose(socket); });
  const auto transport = makeTransport({server.url(), {}});
  Reader reader;
  transport->stream(watch(100ms), reader.handlers());
  EXPECT_EQ(reader.end.get().error().kind, Error::Kind::Timeout);
  EXPECT_EQ(reader.heads, 0);
}

TEST(Stream, EachPieceStartsTheSilenceAnew) {
  RawServer server([](auto& socket) {
    if (!readHead(socket)) return;
    say(socket, kChunkedHead);
    for (int i = 0; i < 8; ++i) {
      std::this_thread::sleep_for(400ms);
      say(socket, chunk("a"));
    }
    say(socket, "0\r\n\r\n");
    waitForClose(socket);
  });
  const auto transport = makeTransport({server.url(), {}});
  Reader reader;
  transport->stream(watch(2s), reader.handlers());
  const Status end = reader.end.get();
  EXPECT_TRUE(end.ok()) << end.error().message;
  EXPECT_EQ(reader.body, "aaaaaaaa");
}

TEST(Stream, RefusalIsAnErrorWithTheBodyAsMessage) {
  const auto server = serve([](Request, Peer, Respond respond) {
    respond({429, {{"Retry-After", "7"}}, "slow down"});
  });
  const auto transport = makeTransport({url(*server), {}});
  Reader reader;
  transport->stream(watch(), reader.handlers());
  const Status end = reader.end.get();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().kind, Error::Kind::TooManyRequests);
  EXPECT_EQ(end.error().retryAfter, 7s);
  EXPECT_EQ(end.error().httpStatus, 429);
  EXPECT_EQ(end.error().message, "slow down");
  EXPECT_EQ(reader.heads, 1);
  EXPECT_EQ(reader.head.status, 429);
  EXPECT_EQ(reader.pieces, 0u);
}

TEST(Stream, OfALargeRefusalTheStartIsKept) {
  const auto server = serve([](Request, Peer, Respond respond) { respond({410, {}, std::string(1 << 20, 'x')}); });
  const auto transport = makeTransport({url(*server), {}});
  Reader reader;
  transport->stream(watch(), reader.handlers());
  const Status end = reader.end.get();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().kind, Error::Kind::Gone);
  EXPECT_EQ(end.error().message.size(), size_t{64} << 10);
}

TEST(Stream, ARefusalThatIsCutOffIsStillThatRefusal) {
  RawServer server([](auto& socket) {
    if (readHead(socket)) say(socket, "HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\n");
  });
  const auto transport = makeTransport({server.url(), {}});
  Reader reader;
  transport->stream(watch(), reader.handlers());
  EXPECT_EQ(reader.end.get().error().kind, Error::Kind::Forbidden);
}

TEST(Stream, LostConnection) {
  for (const char* rest : {"", "5\r\nhel", "-2\r\nabcdef\r\n"}) {
    RawServer server([rest](auto& socket) {
      if (readHead(socket)) say(socket, std::string(kChunkedHead) + chunk("whole") + rest);
    });
    const auto transport = makeTransport({server.url(), {}});
    Reader reader;
    transport->stream(watch(), reader.handlers());
    const Status end = reader.end.get();
    ASSERT_FALSE(end.ok()) << rest;
    EXPECT_EQ(end.error().kind, Error::Kind::Unavailable) << rest;
    // A loss that is seen before the head has been handed on takes what came with it along.
    EXPECT_TRUE(reader.body == "whole" || (reader.heads == 0 && reader.body.empty())) << reader.body;
  }
}

TEST(Stream, RefusedConnection) {
  std::string address;
  { address = url(*serve(echo)); }
  Reader reader;
  makeTransport({address, {}})->stream(watch(), reader.handlers());
  EXPECT_EQ(reader.end.get().error().kind, Error::Kind::Unavailable);
  EXPECT_EQ(reader.heads, 0);
}

TEST(Stream, InvalidRequest) {
  Reader reader;
  makeTransport({"nonsense", {}})->stream(watch(), reader.handlers());
  EXPECT_EQ(reader.end.get().error().kind, Error::Kind::Invalid);
}

// Sends without end.
void flood(RawServer::tcp::socket& socket) {
  if (!readHead(socket) || !say(socket, kChunkedHead)) return;
  while (say(socket, chunk(std::string(1000, 'x')))) {
  }
}

TEST(Stream, TheReaderEndsIt) {
  RawServer server(flood);
  const auto transport = makeTransport({server.url(), {}});
  Reader reader;
  reader.onPiece = [&](std::string_view) { return reader.pieces < 5; };
  transport->stream(watch(), reader.handlers());
  EXPECT_EQ(reader.end.get().error().kind, Error::Kind::Cancelled);
  EXPECT_EQ(reader.pieces, 5u);
}

TEST(Stream, CancelledFromOutside) {
  RawServer server(flood);
  const auto transport = makeTransport({server.url(), {}});
  Waiter<bool> begun;
  Reader reader;
  reader.onPiece = [&](std::string_view) {
    if (reader.pieces == 1) begun.set(true);
    return true;
  };
  const auto call = transport->stream(watch(), reader.handlers());
  begun.get();
  call->cancel();
  call->cancel();
  EXPECT_EQ(reader.end.get().error().kind, Error::Kind::Cancelled);
}

TEST(Stream, CancelledFromWithinItsOwnCallback) {
  RawServer server(flood);
  const auto transport = makeTransport({server.url(), {}});
  Waiter<CallHandle> handle;
  Reader reader;
  reader.onPiece = [&](std::string_view) {
    if (reader.pieces == 1) handle.get()->cancel();
    return true;
  };
  handle.set(transport->stream(watch(), reader.handlers()));
  EXPECT_EQ(reader.end.get().error().kind, Error::Kind::Cancelled);
}

TEST(Stream, ManyBegunAndCancelledLeakNothing) {
  RawServer server(flood);
  const auto transport = makeTransport({server.url(), {}});
  const auto round = [&](int count) {
    for (int i = 0; i < count; ++i) {
      Reader reader;
      const auto call = transport->stream(watch(), reader.handlers());
      if (i % 2 == 0) std::this_thread::sleep_for(1ms);
      call->cancel();
      EXPECT_FALSE(reader.end.get().ok());
    }
  };
  round(10);
  const size_t files = openFiles();
  round(100);
  EXPECT_TRUE(openFilesFallTo(files + 16)) << openFiles() << " are open, " << files << " were";
}

}  // namespace
}  // namespace baton::http
