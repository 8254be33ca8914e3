#include <gtest/gtest.h>

#include "kube/exec_access.h"
#include "unit/kube/api_client_fixture.h"

namespace baton::kube {
namespace {

class ClientStream : public ApiClientTest {
 protected:
  http::CallHandle open(const std::string& target = "/w") {
    return client->stream(request(target), {[this](const http::Response& head) { heads.push_back(head.status); },
                                            [this](std::string_view piece) {
                                              pieces += piece;
                                              return true;
                                            },
                                            [this](Status s) {
                                              dones.push_back(s ? "ok" : describe(s.error()));
                                              if (!s) error = s.error();
                                            }});
  }
  FakeTransport::Streamed take() {
    FakeTransport::Streamed first = std::move(streams().streams.at(0));
    streams().streams.pop_front();
    return first;
  }

  std::vector<int> heads;
  std::string pieces;
  std::vector<std::string> dones;
  Error error;
};

TEST_F(ClientStream, PassesOnWhatComes) {
  prefix = "/k8s";
  make();
  open();
  auto s = take();
  EXPECT_EQ(s.request.target, "/k8s/w");
  EXPECT_EQ(http::find(s.request.headers, "Authorization"), "Bearer one");
  s.handlers.head(http::Response{200, {}, ""});
  EXPECT_TRUE(s.handlers.data("ab"));
  EXPECT_TRUE(s.handlers.data("c"));
  s.handlers.done(Ok{});
  EXPECT_EQ(heads, std::vector<int>{200});
  EXPECT_EQ(pieces, "abc");
  EXPECT_EQ(dones, Ended{"ok"});
  EXPECT_EQ(observed, (std::vector<Code>{{http::Method::Get, "200"}}));
}

TEST_F(ClientStream, DoesNotCountAgainstTheLimit) {
  most = 1;
  make();
  send(request("a"));
  open();
  EXPECT_EQ(streams().streams.size(), 1u);
}

TEST_F(ClientStream, ARefusalIsTyped) {
  make();
  open();
  auto s = take();
  s.handlers.head(http::Response{410, {}, ""});
  s.handlers.done(Error{Error::Kind::Invalid,
                        R"({"kind":"Status","reason":"Expired","message":"too old resource version","code":410})",
                        {},
                        410});
  EXPECT_EQ(heads, std::vector<int>{410});
  EXPECT_EQ(error.kind, Error::Kind::Gone);
  EXPECT_EQ(error.message, "too old resource version");
}

TEST_F(ClientStream, A429KeepsItsRetryAfter) {
  make();
  open();
  auto s = take();
  s.handlers.head(http::Response{429, {{"Retry-After", "1"}}, ""});
  s.handlers.done(unavailable("busy"));
  EXPECT_EQ(error.kind, Error::Kind::TooManyRequests);
  EXPECT_EQ(error.retryAfter, std::chrono::seconds(1));
}

TEST_F(ClientStream, LostBeforeAndAfterTheHead) {
  make();
  open();
  take().handlers.done(unavailable("refused"));
  EXPECT_EQ(dones, Ended{"unavailable"});
  EXPECT_EQ(observed.at(0).second, "<error>");
  open();
  auto s = take();
  s.handlers.head(http::Response{200, {}, ""});
  s.handlers.done(unavailable("cut"));
  EXPECT_EQ(dones, (Ended{"unavailable", "unavailable"}));
  EXPECT_EQ(observed.size(), 2u);
}

TEST_F(ClientStream, A401IsTriedOnceMore) {
  make();
  open();
  authenticator->another = true;
  authenticator->next = Credential{"Bearer two", 2};
  auto first = take();
  first.handlers.head(http::Response{401, {}, ""});
  first.handlers.done(unavailable(""));
  EXPECT_TRUE(heads.empty());
  EXPECT_TRUE(dones.empty());
  auto second = take();
  EXPECT_EQ(http::find(second.request.headers, "Authorization"), "Bearer two");
  second.handlers.head(http::Response{401, {}, ""});
  second.handlers.done(unavailable(""));
  EXPECT_EQ(heads, std::vector<int>{401});
  EXPECT_EQ(dones, Ended{"unauthorized"});
  EXPECT_TRUE(streams().streams.empty());
}

TEST_F(ClientStream, A401WithNothingElseToTry) {
  make();
  open();
  auto s = take();
  s.handlers.head(http::Response{401, {}, ""});
  s.handlers.done(unavailable(""));
  EXPECT_EQ(heads, std::vector<int>{401});
  EXPECT_EQ(dones, Ended{"unauthorized"});
}

TEST_F(ClientStream, CancelReachesTheTransport) {
  make();
  const auto call = open();
  auto s = take();
  call->cancel();
  EXPECT_TRUE(s.call->cancelled);
  EXPECT_TRUE(dones.empty()) << "the transport says so";
  s.handlers.done(cancelled("x"));
  call->cancel();
  runLater();
  EXPECT_EQ(dones, Ended{"cancelled"});
}

TEST_F(ClientStream, CancelBeforeTheCredentialIsThere) {
  authenticator->slow = true;
  make();
  const auto call = open();
  call->cancel();
  call->cancel();
  EXPECT_TRUE(dones.empty());
  runLater();
  EXPECT_EQ(dones, Ended{"cancelled"});
  authenticator->waiting.at(0)(Credential{"Bearer late", 1});
  runLater();
  EXPECT_TRUE(streams().streams.empty());
  EXPECT_EQ(dones, Ended{"cancelled"});
}

TEST_F(ClientStream, CancelBetweenTheTwoTries) {
  make();
  const auto call = open();
  authenticator->another = true;
  authenticator->slow = true;
  auto first = take();
  first.handlers.head(http::Response{401, {}, ""});
  first.handlers.done(unavailable(""));
  call->cancel();
  runLater();
  EXPECT_EQ(dones, Ended{"cancelled"});
  authenticator->waiting.at(0)(Credential{"Bearer late", 1});
  EXPECT_TRUE(streams().streams.empty());
}

TEST_F(ClientStream, NoCredentialNoStream) {
  authenticator->next = invalid("plugin failed");
  make();
  open();
  EXPECT_TRUE(dones.empty());
  runLater();
  EXPECT_EQ(dones, Ended{"plugin failed"});
}

TEST_F(ClientStream, AfterShutDownNoneBegins) {
  make();
  open();
  client->shutDown();
  EXPECT_TRUE(dones.empty()) << "a stream under way is its owner's to end";
  open();
  EXPECT_EQ(streams().streams.size(), 1u);
  runLater();
  EXPECT_EQ(dones, Ended{"cancelled"});
}

TEST(ExecAccess, HeadersOfTheWebSocket) {
  Config config;
  config.server = "https://s";
  config.authenticator = staticToken("t");
  config.as = Impersonation{"jane", {}, {}, {}};
  const ExecAccess access = execAccess(config, "1.2.3");
  http::Headers headers;
  execHeaders(access, {}, [&](Result<ExecHeaders> h) { headers = h->headers; });
  EXPECT_EQ(headers, (http::Headers{
                         {"User-Agent", "baton/1.2.3"}, {"Impersonate-User", "jane"}, {"Authorization", "Bearer t"}}));
  execHeaders(access, Impersonation{"bob", {}, {}, {}}, [&](Result<ExecHeaders> h) { headers = h->headers; });
  EXPECT_EQ(http::find(headers, "Impersonate-User"), "bob");
  bool refused = false;
  execHeaders(access, Impersonation{}, [&](Result<ExecHeaders> h) { refused = !h.ok(); });
  EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace baton::kube
