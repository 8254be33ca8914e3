#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <list>
#include <utility>

#include "http/tls_trust.h"

namespace baton::http {
namespace {

namespace asio = boost::asio;

// What OpenSSL's callbacks need to know; owned by the SSL_CTX, as its extra data.
struct ClientState {
  std::string sni;  // empty: none (RFC 6066 allows no addresses)
  bool insecure = false;
  std::shared_ptr<RefusalNote> note;  // may be null
  Mutex mutex;
  std::shared_ptr<SSL_SESSION> session GUARDED_BY(mutex);
};

int stateIndex() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* data, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<ClientState*>(data); });
  return index;
}

ClientState* stateOf(const SSL* ssl) {
  return static_cast<ClientState*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), stateIndex()));
}

// Stands in for X509_verify_cert in each handshake. It drops the verify callback set on the connection: cpprestsdk's
// knows only the URL's host. The name to expect is in the parameters, so X509_verify_cert compares it.
int verifyServer(X509_STORE_CTX* chain, void*) {
  const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const ClientState* state = stateOf(ssl);
  if (state == nullptr) return 0;
  if (state->insecure) {
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    return 1;
  }
  X509_STORE_CTX_set_verify_cb(chain, [](int ok, X509_STORE_CTX*) { return ok; });
  const int ok = X509_verify_cert(chain);
  if (state->note) state->note->write(ok > 0 ? "" : X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain)));
  return ok;
}

// SNI is set here because neither cpprestsdk's own (only the URL's host) nor its per-connection hook (not called when
// a host's second address is tried) will do. The connection is only const in this callback's type.
void sendServerName(const SSL* ssl, int where, int) {
  if ((where & SSL_CB_HANDSHAKE_START) == 0) return;
  const ClientState* state = stateOf(ssl);
  if (state != nullptr && !state->sni.empty()) SSL_set_tlsext_host_name(const_cast<SSL*>(ssl), state->sni.c_str());
}

int keepSession(SSL* ssl, SSL_SESSION* session) {
  ClientState* state = stateOf(ssl);
  if (state == nullptr) return 0;
  // A copy: OpenSSL marks the session itself as spoilt when its connection is closed without a TLS shutdown.
  std::shared_ptr<SSL_SESSION> copy(SSL_SESSION_dup(session), SSL_SESSION_free);
  MutexLock l(state->mutex);
  state->session.swap(copy);
  return 0;  // the session stays OpenSSL's
}

Status useClientCertificate(TlsContext& context, const Tls& tls) {
  if (tls.clientCert.empty() && tls.clientKey.empty()) return Ok{};
  boost::system::error_code error;
  // An encrypted key would make OpenSSL ask for its password on the terminal.
  SSL_CTX_set_default_passwd_cb(context.native_handle(), [](char*, int, int, void*) { return 0; });
  context.use_certificate_chain(asio::buffer(tls.clientCert), error);
  if (error) return invalid("the client certificate cannot be used: " + error.message());
  context.use_private_key(asio::buffer(tls.clientKey), TlsContext::pem, error);
  if (error) return invalid("the client key cannot be used: " + error.message());
  return Ok{};
}

Status expectName(SSL_CTX* context, const std::string& name, bool literal) {
  X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int set = literal ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str())
                          : X509_VERIFY_PARAM_set1_host(parameters, name.data(), name.size());
  if (set != 1 || name.empty()) return invalid("'" + name + "' cannot be the name of a TLS server");
  return Ok{};
}

bool isAddress(const std::string& name) {
  boost::system::error_code error;
  asio::ip::make_address(name, error);
  return !error;
}

constexpr size_t kContexts = 32;

struct CachedContext {
  Tls tls;
  std::string host;
  std::shared_ptr<TlsContext> context;

  bool matches(const Tls& other, const std::string& otherHost) const {
    return host == otherHost && tls.ca == other.ca && tls.clientCert == other.clientCert &&
           tls.clientKey == other.clientKey && tls.serverName == other.serverName &&
           tls.insecureSkipVerify == other.insecureSkipVerify;
  }
};

struct ContextCache {
  Mutex mutex;
  std::list<CachedContext> contexts GUARDED_BY(mutex);  // newest use first
};

ContextCache& contextCache() {
  static ContextCache& c = *new ContextCache;
  return c;
}

}  // namespace

void RefusalNote::write(std::string why) {
  MutexLock l(mutex_);
  last_ = std::move(why);
}

std::string RefusalNote::read() const {
  MutexLock l(mutex_);
  return last_;
}

Status configureClient(TlsContext& context, const Tls& tls, const std::string& host,
                       std::shared_ptr<RefusalNote> note) {
  SSL_CTX* ssl = context.native_handle();
  SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
  SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);  // 34 kB less for each idle connection
  SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
  const std::string& name = tls.serverName.empty() ? host : tls.serverName;
  const bool literal = isAddress(name);
  auto* state = new ClientState;
  delete static_cast<ClientState*>(SSL_CTX_get_ex_data(ssl, stateIndex()));
  SSL_CTX_set_ex_data(ssl, stateIndex(), state);
  if (!literal) state->sni = name;
  state->insecure = tls.insecureSkipVerify;
  state->note = std::move(note);
  SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(ssl, verifyServer, nullptr);
  SSL_CTX_set_info_callback(ssl, sendServerName);
  if (!tls.insecureSkipVerify) {
    Result<Store> store = trustStore(tls.ca);
    if (!store) return std::move(store).error();
    SSL_CTX_set1_cert_store(ssl, store->get());
    if (Status named = expectName(ssl, name, literal); !named) return named;
  }
  return useClientCertificate(context, tls);
}

Result<std::shared_ptr<TlsContext>> clientContext(const Tls& tls, const std::string& host) {
  ContextCache& cache = contextCache();
  MutexLock l(cache.mutex);
  for (auto it = cache.contexts.begin(); it != cache.contexts.end(); ++it) {
    if (!it->matches(tls, host)) continue;
    cache.contexts.splice(cache.contexts.begin(), cache.contexts, it);
    return cache.contexts.front().context;
  }
  auto context = std::make_shared<TlsContext>(TlsContext::tls_client);
  if (Status s = configureClient(*context, tls, host, std::make_shared<RefusalNote>()); !s) return std::move(s).error();
  SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context->native_handle(), keepSession);
  cache.contexts.push_front({tls, host, context});
  if (cache.contexts.size() > kContexts) cache.contexts.pop_back();
  return context;
}

void resumeSession(SSL* ssl) {
  ClientState* state = stateOf(ssl);
  if (state == nullptr) return;
  MutexLock l(state->mutex);
  if (state->session) SSL_set_session(ssl, state->session.get());
}

std::string refusal(SSL* ssl) {
  const ClientState* state = stateOf(ssl);
  return state != nullptr && state->note ? state->note->read() : "";
}

}  // namespace baton::http
