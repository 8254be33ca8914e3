#include "http/tls_trust.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cstdlib>
#include <list>
#include <utility>

#include "base/mutex.h"
#include "http/tls.h"

namespace baton::http {
namespace {

// Where OpenSSL would look had hideSystemCas() not hidden it.
struct SystemPaths {
  std::string file;
  std::string directory;
};

std::string pathFrom(const char* variable, const char* standard) {
  const char* set = std::getenv(variable);
  return set != nullptr && *set != '\0' ? set : standard;
}

SystemPaths& systemPaths() {
  static SystemPaths paths{pathFrom(X509_get_default_cert_file_env(), X509_get_default_cert_file()),
                           pathFrom(X509_get_default_cert_dir_env(), X509_get_default_cert_dir())};
  return paths;
}

Store emptyStore() { return Store(X509_STORE_new(), X509_STORE_free); }

Store systemStore() {
  Store store = emptyStore();
  const SystemPaths& paths = systemPaths();
  std::string file = paths.file;
  if (access(file.c_str(), R_OK) != 0)
    file = "/etc/ssl/certs/ca-certificates.crt";  // where images without openssl have it
  if (access(file.c_str(), R_OK) == 0) X509_STORE_load_file(store.get(), file.c_str());
  X509_STORE_load_path(store.get(), paths.directory.c_str());
  ERR_clear_error();
  return store;
}

Result<Store> parseStore(const std::string& pem) {
  Store store = emptyStore();
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                      BIO_free);
  int count = 0;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    X509_STORE_add_cert(store.get(), certificate);
    X509_free(certificate);
    ++count;
  }
  const unsigned long last = ERR_peek_last_error();
  const bool atEnd = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  const std::string why = opensslError();
  if (!atEnd) return invalid("a CA certificate cannot be read: " + why);
  if (count == 0) return invalid("the CA bundle holds no PEM certificate");
  // A certificate named as trusted is trusted without its issuer too, as in Go's TLS and so in kubectl.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

constexpr size_t kStores = 32;

struct Cache {
  Mutex mutex;
  std::list<std::pair<std::string, Store>> stores GUARDED_BY(mutex);  // newest use first; the CA's PEM is the key
};

Cache& cache() {
  static Cache& c = *new Cache;  // never destroyed: connections may open until the process ends
  return c;
}

}  // namespace

Result<Store> trustStore(const std::string& pem) {
  Cache& c = cache();
  MutexLock l(c.mutex);
  for (auto it = c.stores.begin(); it != c.stores.end(); ++it) {
    if (it->first != pem) continue;
    c.stores.splice(c.stores.begin(), c.stores, it);
    return c.stores.front().second;
  }
  Result<Store> made = pem.empty() ? Result<Store>(systemStore()) : parseStore(pem);
  if (!made) return made;
  c.stores.emplace_front(pem, *made);
  if (c.stores.size() > kStores) c.stores.pop_back();
  return made;
}

std::string opensslError() {
  const unsigned long last = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(last);
  return reason != nullptr ? reason : "unknown error";
}

void hideSystemCas() {
  systemPaths();
  setenv(X509_get_default_cert_file_env(), "/nonexistent", 1);
}

}  // namespace baton::http
