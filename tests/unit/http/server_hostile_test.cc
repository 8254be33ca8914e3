// What must not bring the server down, fool it, or hold its resources.
#include <fstream>
#include <thread>

#include "unit/http/raw_client.h"
#include "unit/http/support.h"

namespace baton::http {
namespace {

using namespace test;
using namespace std::chrono_literals;

class HostileClient : public testing::Test {
 protected:
  std::string statusFor(const std::string& request) { return statusOf(talk(server_->port(), request)); }
  std::string headWith(const std::string& headers, const std::string& rest = "") {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + rest;
  }
  void TearDown() override {
    EXPECT_EQ(statusFor("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "200") << "the server is gone";
  }
  std::unique_ptr<Server> server_ = serve(echo, [](ServerOptions& o) { o.limits.body = 1000; });
};

TEST_F(HostileClient, BadChunks) {
  for (const char* chunks : {"-2\r\nab\r\n0\r\n\r\n", "-1\r\n", "zz\r\n", "\r\n", "0x2\r\nab\r\n0\r\n\r\n",
                             "2\r\nabc\r\n0\r\n\r\n", " 2\r\nab\r\n0\r\n\r\n", "fffffffffffffffff\r\nab\r\n"})
    EXPECT_EQ(statusFor(headWith("Transfer-Encoding: chunked\r\n", chunks)), "400") << chunks;
}

TEST_F(HostileClient, HugeChunkIsTooLarge) {
  EXPECT_EQ(statusFor(headWith("Transfer-Encoding: chunked\r\n", "7fffffffffffffff\r\nab")), "413");
}

TEST_F(HostileClient, BodyOfTwoMeanings) {
  const std::string chunks = "2\r\nab\r\n0\r\n\r\n";
  for (const char* headers : {
           "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked, chunked\r\n",
           "Transfer-Encoding: gzip, chunked\r\n",
           "Transfer-Encoding: chunked, identity\r\n",
           "Transfer-Encoding: identity\r\n",
           "Transfer-Encoding: xchunked\r\n",
           "Transfer-Encoding: \x0b"
           "chunked\r\n",
           "Transfer-Encoding : chunked\r\n",
           "Content-Length: 2\r\nContent-Length: 3\r\n",
           "Content-Length: 2\r\nContent-Length: 2\r\n",
           "Content-Length: 2, 2\r\n",
           "Content-Length: 2, 3\r\n",
           "Content-Length: +2\r\n",
           "Content-Length: -2\r\n",
           "Content-Length: 0x2\r\n",
           "Content-Length: 99999999999999999999999\r\n",
       })
    EXPECT_EQ(statusFor(headWith(headers, chunks)), "400") << headers;
  EXPECT_EQ(statusFor("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks), "400");
}

TEST_F(HostileClient, Hosts) {
  EXPECT_EQ(statusFor("GET / HTTP/1.1\r\n\r\n"), "400");
  EXPECT_EQ(statusFor("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "400");
  EXPECT_EQ(statusFor("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), "400");
}

TEST_F(HostileClient, MalformedHeads) {
  const std::string nul(1, '\0');
  for (const std::string& head : {
           "GET /" + nul + " HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a" + nul + "b\r\n\r\n",
           "GET / HTTP/1.1\r\nHo" + nul + "st: a\r\n\r\n",
           nul + nul + nul + "\r\n\r\n",
           std::string("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET / HTTP/1.1\nHost: a\n\n"),
           std::string("GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
           std::string("GET / HTTX/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET /\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\n: empty name\r\n\r\n"),
           std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
       })
    EXPECT_EQ(statusFor(head), "400") << head;
}

TEST_F(HostileClient, Targets) {
  for (const char* target : {"/a/../b", "/..", "/.", "/a/%2e%2E/b", "/%2e", "/./a", "a", "*", "/a#b", "//../", "b:80",
                             "http://a?b#c", "http://a#b"})
    EXPECT_EQ(statusFor(std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\n\r\n"), "400") << target;
  for (const char* target : {"/a..b", "/...", "/.a", "/a?x=../y", "/%2e%2ea"})
    EXPECT_EQ(statusFor(std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "200")
        << target;
}

TEST_F(HostileClient, Methods) {
  EXPECT_EQ(statusFor("CONNECT b:80 HTTP/1.1\r\nHost: a\r\n\r\n"), "501");
  EXPECT_EQ(statusFor("NONSENSE / HTTP/1.1\r\nHost: a\r\n\r\n"), "501");
  EXPECT_EQ(statusFor("get / HTTP/1.1\r\nHost: a\r\n\r\n"), "501");
  EXPECT_EQ(statusFor("NOTIFY / HTTP/1.1\r\nHost: a\r\n\r\n"), "501") << "it is not registered";
}

TEST_F(HostileClient, MethodsThatNobodyServesAreTheLastOfTheirConnection) {
  for (const char* method : {"TRACE", "CONNECT", "PROPFIND", "QUERY", "VERSION-CONTROL"}) {
    const std::string head = " / HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string answers = talk(server_->port(), method + head + "GET" + head);
    EXPECT_EQ(statusOf(answers), "200") << method << ": the handler says what becomes of it";
    EXPECT_EQ(answers.find("HTTP/1.1", 1), std::string::npos) << method << ": " << answers;
  }
}

TEST_F(HostileClient, Expectations) {
  EXPECT_EQ(statusFor(headWith("Expect: miracles\r\nContent-Length: 2\r\n", "ab")), "417");
}

TEST_F(HostileClient, LargeHeaders) {
  EXPECT_EQ(statusFor("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20000, 'x') + "\r\n\r\n"), "431");
  EXPECT_EQ(statusFor("GET /" + std::string(20000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"), "414");
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 5000; ++i) many += "X" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(statusFor(many + "\r\n"), "431");
  const std::string fits =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: " + std::string(15000, 'x') + "\r\n\r\n";
  EXPECT_EQ(statusFor(fits), "200");
}

TEST_F(HostileClient, EndlessHeadersAreCutOff) {
  RawClient client(server_->port());
  size_t sent = 0;
  client.send("GET / HTTP/1.1\r\nHost: a\r\n");
  while (sent < (size_t{64} << 20) && client.send("X-Filler: " + std::string(1000, 'x') + "\r\n")) sent += 1000;
  EXPECT_LT(sent, size_t{64} << 20);
}

TEST_F(HostileClient, LargeBodies) {
  EXPECT_EQ(statusFor(headWith("Content-Length: 1001\r\n", std::string(1001, 'x'))), "413");
  EXPECT_EQ(statusFor(headWith("Content-Length: 1000\r\nConnection: close\r\n", std::string(1000, 'x'))), "200");
  EXPECT_EQ(statusFor(headWith("Expect: 100-continue\r\nContent-Length: 5000000\r\n")), "413");
  std::string chunks;
  for (int i = 0; i < 20; ++i) chunks += "64\r\n" + std::string(100, 'x') + "\r\n";
  EXPECT_EQ(statusFor(headWith("Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n")), "413");
}

TEST_F(HostileClient, TheRefusalOfALargeBodyArrives) {
  // More than socket buffers hold: the client is still sending when it is answered.
  EXPECT_EQ(statusFor(headWith("Content-Length: 200000\r\n", std::string(200000, 'x'))), "413");
}

TEST_F(HostileClient, HangsUpAtEveryPoint) {
  const std::string request = headWith("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n");
  for (size_t n = 0; n <= request.size(); ++n) RawClient(server_->port()).send(request.substr(0, n));
  while (server_->connections() > 0) std::this_thread::yield();
}

TEST(HostileServer, SlowClientsAreCutOff) {
  const auto server = serve(
      echo, [](ServerOptions& o) { o.limits.head = o.limits.bodyRead = o.limits.idle = o.limits.handshake = 100ms; });
  EXPECT_EQ(talk(server->port(), ""), "");
  EXPECT_EQ(talk(server->port(), "GET / HT"), "");
  EXPECT_EQ(talk(server->port(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"), "");
  RawClient idle(server->port());
  idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(idle.rest().ends_with("GET / "));
  while (server->connections() > 0) std::this_thread::yield();
}

TEST(HostileServer, AClientThatDoesNotReadIsCutOff) {
  const auto server = serve(
      [](Request, Peer, Respond respond) {
        respond({200, {}, std::string(50 << 20, 'x')});
      },
      [](ServerOptions& o) { o.limits.write = 100ms; });
  RawClient client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  while (server->connections() == 0) std::this_thread::yield();
  while (server->connections() > 0) std::this_thread::sleep_for(1ms);
}

class HostileTlsClient : public testing::Test {
 protected:
  Authority ca_ = makeAuthority();
  Identity me_ = issue(ca_, "IP:127.0.0.1");
};

TEST_F(HostileTlsClient, Garbage) {
  const auto server = serveTls({me_.chain, me_.key, ""}, echo);
  talk(server->port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  talk(server->port(), std::string("\x16\x03\x01\xff\xff", 5) + std::string(70000, '\xff'));
  talk(server->port(), std::string(100000, '\0'));
  RawClient(server->port()).send("\x16\x03");
  Tls tls;
  tls.ca = ca_.certificate;
  EXPECT_TRUE(fetch(*makeTransport({url(*server, "https"), [tls] { return tls; }}), get("/")).ok());
}

TEST_F(HostileTlsClient, WithoutCertificateNobodyIsServed) {
  const auto server = serve(echo, [](ServerOptions& o) { o.tls = [] { return nullptr; }; });
  EXPECT_EQ(talk(server->port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "");
}

TEST_F(HostileTlsClient, CertificateFilesAreFollowedAndTheLastGoodOneKept) {
  const std::string chain = testing::TempDir() + "baton-http-chain.pem";
  const std::string key = testing::TempDir() + "baton-http-key.pem";
  const auto write = [](const std::string& to, const std::string& text) { std::ofstream(to) << text; };
  write(chain, "nonsense");
  write(key, me_.key);
  const auto provider = certificateFromFiles(chain, key);
  EXPECT_EQ(provider(), nullptr);
  write(chain, me_.chain);
  const auto good = provider();
  ASSERT_NE(good, nullptr);
  EXPECT_EQ(provider(), good);
}

}  // namespace
}  // namespace baton::http
