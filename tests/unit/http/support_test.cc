#include "unit/http/support.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace baton::http::test {
namespace {

struct Key {
  std::shared_ptr<EVP_PKEY> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  std::string pem() const {
    const std::shared_ptr<BIO> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return content(bio.get());
  }
  static std::string content(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<size_t>(size)};
  }
};

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  ASSERT_NE(extension, nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::shared_ptr<X509> newCertificate(const std::string& name, EVP_PKEY* key) {
  static std::atomic<long> serial{1};
  std::shared_ptr<X509> c(X509_new(), X509_free);
  X509_set_version(c.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(c.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(c.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(c.get()), 3600);
  X509_set_pubkey(c.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(c.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return c;
}

std::string pem(X509* certificate) {
  const std::shared_ptr<BIO> bio(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(bio.get(), certificate);
  return Key::content(bio.get());
}

template <class Read, class T>
std::shared_ptr<T> parse(const std::string& text, Read read, void (*release)(T*)) {
  const std::shared_ptr<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
  return {read(bio.get(), nullptr, nullptr, nullptr), release};
}

size_t entries(const char* directory) {
  DIR* d = opendir(directory);
  size_t n = 0;
  while (const dirent* e = readdir(d)) n += e->d_name[0] != '.';
  closedir(d);
  return n;
}

}  // namespace

Authority makeAuthority(const std::string& name) {
  const Key key;
  const auto c = newCertificate(name, key.key.get());
  X509_set_issuer_name(c.get(), X509_get_subject_name(c.get()));
  extend(c.get(), c.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(c.get(), c.get(), NID_subject_key_identifier, "hash");
  X509_sign(c.get(), key.key.get(), EVP_sha256());
  return {pem(c.get()), key.pem()};
}

Identity issue(const Authority& by, const std::string& names) {
  const auto issuer = parse(by.certificate, PEM_read_bio_X509, X509_free);
  const auto issuerKey = parse(by.key, PEM_read_bio_PrivateKey, EVP_PKEY_free);
  const Key key;
  const auto c = newCertificate("leaf", key.key.get());
  X509_set_issuer_name(c.get(), X509_get_subject_name(issuer.get()));
  extend(c.get(), issuer.get(), NID_subject_alt_name, names);
  X509_sign(c.get(), issuerKey.get(), EVP_sha256());
  return {pem(c.get()), key.pem()};
}

size_t openFiles() { return entries("/proc/self/fd"); }
bool openFilesFallTo(size_t most) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (openFiles() > most) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}
size_t threads() { return entries("/proc/self/task"); }

std::unique_ptr<Server> serve(Handler handler, std::function<void(ServerOptions&)> adjust) {
  ServerOptions options;
  options.address = "127.0.0.1:0";
  options.limits.connectionsOfPeer = 1000;
  options.limits.connections = 1000;
  if (adjust) adjust(options);
  auto server = Server::start(std::move(options), std::move(handler));
  if (!server) {
    ADD_FAILURE() << server.error().message;
    std::abort();
  }
  return std::move(server).value();
}

std::unique_ptr<Server> serveTls(const ServerCertificate& certificate, Handler handler) {
  const auto context = serverContext(certificate);
  EXPECT_TRUE(context.ok());
  return serve(std::move(handler), [&](ServerOptions& options) { options.tls = [c = *context] { return c; }; });
}

void echo(Request request, Peer, Respond respond) {
  respond({200,
           {{"Content-Type", "text/plain"}},
           std::string(name(request.method)) + " " + request.target + " " + request.body});
}

}  // namespace baton::http::test
