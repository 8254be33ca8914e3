// TLS settings on OpenSSL contexts, made from certificates in memory; shared by transport, exec client and server.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "http/transport.h"

typedef struct ssl_st SSL;
namespace boost::asio::ssl {
class context;
}

namespace baton::http {

using TlsContext = boost::asio::ssl::context;

/// Why a server's certificate was refused, empty when the last one was not: OpenSSL tells the one who connects only
/// "certificate verify failed". Connections that are made at the same time share it, so it is for messages only.
class RefusalNote {
 public:
  void write(std::string why);
  std::string read() const;

 private:
  mutable Mutex mutex_;
  std::string last_ GUARDED_BY(mutex_);
};

/// Sets up a client's context: TLS 1.2 or later, trust (the CA given, and then nothing else; or the system's CAs),
/// client certificate, verification of `host` or tls.serverName (name or IP address), SNI. Verification is done by
/// OpenSSL as set here whatever verify callback is put on the connection later; only the mode must be verify_peer
/// (set here too). `note` may be null.
Status configureClient(TlsContext& context, const Tls& tls, const std::string& host, std::shared_ptr<RefusalNote> note);

/// A context for `host` made by configureClient, out of a cache by content (at most 32), so that contexts and TLS
/// sessions are shared.
Result<std::shared_ptr<TlsContext>> clientContext(const Tls& tls, const std::string& host);
/// Before the handshake: takes up the last session of this connection's context, if there is one.
void resumeSession(SSL* ssl);
/// What configureClient's note says for this connection's context; empty when nothing.
std::string refusal(SSL* ssl);

/// Certificate chain and key of a server, PEM.
struct ServerCertificate {
  std::string chain;
  std::string key;
  std::string clientCa;  // demand client certificates by these CAs; empty: ask for none
};
Result<std::shared_ptr<TlsContext>> serverContext(const ServerCertificate& certificate);

/// For ServerOptions.tls: a context from two PEM files, read again when they have changed (looked at once in ten
/// seconds at most). Files that cannot be used leave the last good context in place; without one it gives null.
std::function<std::shared_ptr<TlsContext>()> certificateFromFiles(std::string chainFile, std::string keyFile);

/// Part of http::initialise(): hides the system's CA bundle from cpprestsdk, which would parse it for each connection
/// (24 ms). System CAs are loaded once, here, when they are wanted.
void hideSystemCas();

}  // namespace baton::http
