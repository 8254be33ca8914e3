#include "kube/tls_source.h"

#include <tuple>
#include <utility>

#include "kube/file.h"

namespace baton::kube {
namespace {

Status checkPem(const std::string& text, const std::string& label, const std::string& source) {
  const bool found = text.find("-----BEGIN ") != std::string::npos && text.find(label + "-----") != std::string::npos;
  if (found) return Ok{};
  return invalid(source + ": expected a PEM block \"" + label + "\", found none");
}

/// Content that stays, or that of a file as it is now.
class Pem {
 public:
  Pem(const FileOrData& source, const Clock& clock) : path_(source.path), data_(source.data) {
    if (data_.empty() && !source.path.empty()) file_ = std::make_shared<RotatingFile>(source.path, clock);
  }
  std::string now() const {
    if (!file_) return data_;
    auto content = file_->read();
    return content ? std::move(content->text) : std::string();
  }
  /// As now(), but an error when there should be something and isn't: an empty CA would mean the system's.
  Result<std::string> first(const std::string& label) const {
    if (!file_) {
      if (data_.empty()) return std::string();
      if (auto s = checkPem(data_, label, "data"); !s) return std::move(s).error();
      return data_;
    }
    auto content = file_->read();
    if (!content) return std::move(content).error();
    if (auto s = checkPem(content->text, label, path_); !s) return std::move(s).error();
    return std::move(content->text);
  }

 private:
  std::string path_;
  std::string data_;
  std::shared_ptr<RotatingFile> file_;
};

}  // namespace

Result<std::string> readPem(const FileOrData& source, const std::string& label) {
  return Pem(source, Clock::real()).first(label);
}

Result<std::function<http::Tls()>> tlsSource(const TlsFiles& files, std::shared_ptr<ExecAuthenticator> plugin,
                                             const Clock& clock) {
  const Pem ca(files.ca, clock);
  const Pem cert(files.clientCert, clock);
  const Pem key(files.clientKey, clock);
  if (auto r = ca.first("CERTIFICATE"); !r) return std::move(r).error().within("certificate-authority");
  if (auto r = cert.first("CERTIFICATE"); !r) return std::move(r).error().within("client-certificate");
  if (auto r = key.first("PRIVATE KEY"); !r) return std::move(r).error().within("client-key");
  return std::function<http::Tls()>([=, name = files.serverName, skip = files.insecureSkipVerify] {
    http::Tls tls{ca.now(), cert.now(), key.now(), name, skip};
    if (!plugin) return tls;
    if (auto pair = plugin->clientCertificate()) std::tie(tls.clientCert, tls.clientKey) = std::move(*pair);
    return tls;
  });
}

}  // namespace baton::kube
