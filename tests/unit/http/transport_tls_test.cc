// Whom the transport trusts. The checks are ours (tls.cc), not cpprestsdk's.
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>

#include "http/tls_trust.h"
#include "unit/http/support.h"

namespace baton::http {
namespace {

using namespace test;

class TransportTls : public testing::Test {
 protected:
  Result<Response> call(const std::string& address, const Tls& tls) {
    return fetch(*makeTransport({address, [tls] { return tls; }}), get("/"));
  }
  void expectRefused(const Result<Response>& response, const std::string& why) {
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().kind, Error::Kind::Unavailable);
    EXPECT_NE(response.error().message.find(why), std::string::npos) << response.error().message;
  }

  Authority ca_ = makeAuthority();
  Identity local_ = issue(ca_, "DNS:localhost,IP:127.0.0.1");
  Identity other_ = issue(ca_, "DNS:other.example,IP:10.0.0.1");
};

TEST_F(TransportTls, NameAndAddressOfTheUrl) {
  const auto server = serveTls({local_.chain, local_.key, ""}, echo);
  Tls tls;
  tls.ca = ca_.certificate;
  EXPECT_TRUE(call(url(*server, "https"), tls).ok());
  const auto byName = call(url(*server, "https", "localhost"), tls);
  EXPECT_TRUE(byName.ok()) << byName.error().message;
}

TEST_F(TransportTls, WrongName) {
  const auto server = serveTls({other_.chain, other_.key, ""}, echo);
  Tls tls;
  tls.ca = ca_.certificate;
  expectRefused(call(url(*server, "https", "localhost"), tls), "hostname mismatch");
  expectRefused(call(url(*server, "https"), tls), "IP address mismatch");
}

TEST_F(TransportTls, ExpectedNameInsteadOfTheUrls) {
  const auto server = serveTls({other_.chain, other_.key, ""}, echo);
  Tls tls;
  tls.ca = ca_.certificate;
  tls.serverName = "other.example";
  EXPECT_TRUE(call(url(*server, "https"), tls).ok());
  EXPECT_TRUE(call(url(*server, "https", "localhost"), tls).ok());
  tls.serverName = "10.0.0.1";
  EXPECT_TRUE(call(url(*server, "https"), tls).ok());
  tls.serverName = "third.example";
  expectRefused(call(url(*server, "https"), tls), "hostname mismatch");
}

TEST_F(TransportTls, AHostHeaderDoesNotChangeWhoIsExpected) {
  const auto server = serveTls({other_.chain, other_.key, ""}, echo);
  Tls tls;
  tls.ca = ca_.certificate;
  Request request = get("/");
  request.headers = {{"Host", "other.example"}};
  expectRefused(fetch(*makeTransport({url(*server, "https"), [tls] { return tls; }}), request), "mismatch");
}

TEST_F(TransportTls, ServerNameIsSentUnlessItIsAnAddress) {
  const auto context = serverContext({local_.chain, local_.key, ""});
  ASSERT_TRUE(context.ok());
  std::vector<std::string> names;
  SSL_CTX_set_tlsext_servername_arg((*context)->native_handle(), &names);
  SSL_CTX_set_tlsext_servername_callback((*context)->native_handle(), +[](SSL* ssl, int*, void* to) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    static_cast<std::vector<std::string>*>(to)->push_back(name != nullptr ? name : "");
    return SSL_TLSEXT_ERR_OK;
  });
  auto server = serve(echo, [&](ServerOptions& options) { options.tls = [c = *context] { return c; }; });
  Tls tls;
  tls.ca = ca_.certificate;
  EXPECT_TRUE(call(url(*server, "https", "localhost"), tls).ok());
  EXPECT_TRUE(call(url(*server, "https"), tls).ok());
  tls.serverName = "localhost";
  EXPECT_TRUE(call(url(*server, "https"), tls).ok());
  server.reset();
  EXPECT_EQ(names, (std::vector<std::string>{"localhost", "", "localhost"}));
}

TEST_F(TransportTls, WrongAuthority) {
  const auto server = serveTls({local_.chain, local_.key, ""}, echo);
  Tls tls;
  tls.ca = makeAuthority().certificate;  // the same name, another key
  expectRefused(call(url(*server, "https"), tls), "signature");
  tls.ca = makeAuthority("another CA").certificate;
  expectRefused(call(url(*server, "https"), tls), "unable to get");
}

TEST_F(TransportTls, NoAuthorityMeansTheSystems) {
  const auto server = serveTls({local_.chain, local_.key, ""}, echo);
  expectRefused(call(url(*server, "https"), {}), "unable to get");
  EXPECT_FALSE(fetch(*makeTransport({url(*server, "https"), nullptr}), get("/")).ok());
}

TEST_F(TransportTls, SystemAuthoritiesAreLoadedOnce) {
  const auto first = trustStore("");
  const auto second = trustStore("");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*first, *second);
}

TEST_F(TransportTls, AuthoritiesGivenReplaceTheSystems) {
  const auto store = trustStore(ca_.certificate);
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(sk_X509_OBJECT_num(X509_STORE_get0_objects(store->get())), 1);
  EXPECT_EQ(*store, *trustStore(ca_.certificate));
}

TEST_F(TransportTls, SeveralAuthorities) {
  const auto server = serveTls({local_.chain, local_.key, ""}, echo);
  Tls tls;
  tls.ca = makeAuthority("another CA").certificate + "\n# comment\n" + ca_.certificate;
  EXPECT_TRUE(call(url(*server, "https"), tls).ok());
}

TEST_F(TransportTls, TheServersOwnCertificateAsAuthority) {
  const auto server = serveTls({local_.chain, local_.key, ""}, echo);
  Tls tls;
  tls.ca = local_.chain;
  EXPECT_TRUE(call(url(*server, "https"), tls).ok());
}

TEST_F(TransportTls, UnusableSettingsAreInvalid) {
  const auto server = serveTls({local_.chain, local_.key, ""}, echo);
  Tls noPem;
  noPem.ca = "nonsense";
  Tls cutPem;
  cutPem.ca = ca_.certificate.substr(0, ca_.certificate.size() / 2);
  Tls noKey;
  noKey.ca = ca_.certificate;
  noKey.clientCert = local_.chain;
  Tls wrongKey = noKey;
  wrongKey.clientKey = other_.key;
  for (const Tls& tls : {noPem, cutPem, noKey, wrongKey}) {
    const auto response = call(url(*server, "https"), tls);
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().kind, Error::Kind::Invalid) << response.error().message;
  }
}

TEST_F(TransportTls, InsecureOnlyWhenAsked) {
  const Identity stranger = issue(makeAuthority("another CA"), "DNS:other.example");
  const auto server = serveTls({stranger.chain, stranger.key, ""}, echo);
  Tls tls;
  tls.ca = ca_.certificate;
  EXPECT_FALSE(call(url(*server, "https"), tls).ok());
  tls.insecureSkipVerify = true;
  EXPECT_TRUE(call(url(*server, "https"), tls).ok());
}

TEST_F(TransportTls, ClientCertificate) {
  const auto server = serveTls({local_.chain, local_.key, ca_.certificate}, echo);
  Tls tls;
  tls.ca = ca_.certificate;
  expectRefused(call(url(*server, "https"), tls), "certificate required");
  const Identity stranger = issue(makeAuthority("another CA"), "DNS:me");
  tls.clientCert = stranger.chain;
  tls.clientKey = stranger.key;
  EXPECT_FALSE(call(url(*server, "https"), tls).ok());
  const Identity me = issue(ca_, "DNS:me");
  tls.clientCert = me.chain;
  tls.clientKey = me.key;
  EXPECT_TRUE(call(url(*server, "https"), tls).ok());
}

TEST_F(TransportTls, SettingsAreAskedForEachNewConnection) {
  auto server = serveTls({local_.chain, local_.key, ""}, echo);
  std::atomic<bool> renewed{false};
  const std::string wrong = makeAuthority("another CA").certificate;
  const auto transport = makeTransport({url(*server, "https"), [&] {
                                          Tls tls;
                                          tls.ca = renewed ? ca_.certificate : wrong;
                                          return tls;
                                        }});
  EXPECT_FALSE(fetch(*transport, get("/")).ok());
  renewed = true;
  EXPECT_TRUE(fetch(*transport, get("/")).ok());
}

TEST_F(TransportTls, ManyRequestsLeakNothing) {
  const auto server = serveTls({local_.chain, local_.key, ""}, echo);
  Tls tls;
  tls.ca = ca_.certificate;
  const auto transport = makeTransport({url(*server, "https"), [tls] { return tls; }});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(fetch(*transport, get("/")).ok());
  const size_t files = openFiles();
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(fetch(*transport, get("/")).ok());
  EXPECT_LE(openFiles(), files + 8);
}

TEST_F(TransportTls, OldProtocolsAreRefused) {
  const auto context = serverContext({local_.chain, local_.key, ""});
  ASSERT_TRUE(context.ok());
  SSL_CTX_set_min_proto_version((*context)->native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version((*context)->native_handle(), TLS1_1_VERSION);
  const auto server = serve(echo, [&](ServerOptions& options) { options.tls = [c = *context] { return c; }; });
  Tls tls;
  tls.ca = ca_.certificate;
  EXPECT_FALSE(call(url(*server, "https"), tls).ok());
}

}  // namespace
}  // namespace baton::http
