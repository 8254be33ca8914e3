#include <sys/stat.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <tuple>

#include "base/log.h"
#include "http/tls.h"
#include "http/tls_trust.h"

namespace baton::http {
namespace {

namespace asio = boost::asio;

std::optional<std::string> contentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Looked at by stat: a mounted Secret changes by a new symbolic link, so the inode tells.
using FileState = std::tuple<ino_t, time_t, long, off_t>;

std::optional<FileState> stateOf(const std::string& path) {
  struct stat s = {};
  if (stat(path.c_str(), &s) != 0) return std::nullopt;
  return FileState{s.st_ino, s.st_mtim.tv_sec, s.st_mtim.tv_nsec, s.st_size};
}

class CertificateFiles {
 public:
  CertificateFiles(std::string chain, std::string key) : chain_(std::move(chain)), key_(std::move(key)) {}

  std::shared_ptr<TlsContext> get() {
    MutexLock l(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (context_ && now < lookAgain_) return context_;
    lookAgain_ = now + std::chrono::seconds(10);
    const auto states = std::make_pair(stateOf(chain_), stateOf(key_));
    if (context_ && states == states_) return context_;
    read();
    states_ = states;
    return context_;
  }

 private:
  void read() REQUIRES(mutex_) {
    const auto chain = contentOf(chain_);
    const auto key = contentOf(key_);
    if (!chain || !key) {
      log::error("a TLS certificate cannot be read", {{"certificate", chain_}, {"key", key_}});
      return;
    }
    auto made = serverContext({*chain, *key, ""});
    if (made)
      context_ = *made;
    else
      log::error("a TLS certificate cannot be used", {{"certificate", chain_}, {"error", made.error().message}});
  }

  const std::string chain_;
  const std::string key_;
  Mutex mutex_;
  std::shared_ptr<TlsContext> context_ GUARDED_BY(mutex_);
  std::pair<std::optional<FileState>, std::optional<FileState>> states_ GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point lookAgain_ GUARDED_BY(mutex_);
};

}  // namespace

Result<std::shared_ptr<TlsContext>> serverContext(const ServerCertificate& certificate) {
  auto context = std::make_shared<TlsContext>(TlsContext::tls_server);
  SSL_CTX* ssl = context->native_handle();
  SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
  SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
  // For TLS 1.2: forward secrecy and authenticated encryption. TLS 1.3 has nothing else.
  SSL_CTX_set_cipher_list(ssl, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
  static constexpr unsigned char kId[] = "baton";  // without one, resumed sessions with client certificates fail
  SSL_CTX_set_session_id_context(ssl, kId, sizeof kId);
  SSL_CTX_set_default_passwd_cb(ssl, [](char*, int, int, void*) { return 0; });
  boost::system::error_code error;
  context->use_certificate_chain(asio::buffer(certificate.chain), error);
  if (error) return invalid("the certificate cannot be used: " + error.message());
  context->use_private_key(asio::buffer(certificate.key), TlsContext::pem, error);
  if (error) return invalid("the key cannot be used: " + error.message());
  // A key of another kind than the certificate's is kept beside it, and nobody could connect.
  if (SSL_CTX_check_private_key(ssl) != 1) return invalid("the key is not that of the certificate");
  if (certificate.clientCa.empty()) return context;
  Result<Store> store = trustStore(certificate.clientCa);
  if (!store) return std::move(store).error();
  SSL_CTX_set1_cert_store(ssl, store->get());
  SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

std::function<std::shared_ptr<TlsContext>()> certificateFromFiles(std::string chainFile, std::string keyFile) {
  return
      [files = std::make_shared<CertificateFiles>(std::move(chainFile), std::move(keyFile))] { return files->get(); };
}

}  // namespace baton::http
