#include "kube/client_core.h"

#include <random>
#include <string>
#include <utility>

#include "kube/impersonation.h"

namespace baton::kube {
namespace {

/// Connections are not thrown away more often, should a server refuse every certificate.
constexpr std::chrono::seconds kLeastBetweenRenewals{10};

double uniform() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

/// cpprestsdk joins headers of one name to one line, "a, b"; the server would take that for one strange group.
std::optional<std::string> repeatedName(const http::Headers& headers) {
  for (size_t i = 1; i < headers.size(); ++i)
    if (headers[i].first == headers[i - 1].first) return headers[i].first;
  return std::nullopt;
}

}  // namespace

ClientCore::ClientCore(ApiClientOptions options) : options_(std::move(options)), transports_(connectAll()) {}

ClientCore::Transports ClientCore::connectAll() const {
  return {options_.connect(), options_.connect(), options_.connect()};
}

double ClientCore::random() { return options_.random ? options_.random() : uniform(); }

void ClientCore::observe(http::Method method, int status, Steady started) {
  if (!options_.observe) return;
  const std::chrono::duration<double> took = now() - started;
  options_.observe(method, status == 0 ? "<error>" : std::to_string(status), took.count());
}

std::pair<std::shared_ptr<http::Transport>, uint64_t> ClientCore::transport(Use use) {
  MutexLock l(mutex_);
  switch (use) {
    case Use::Lease:
      return {transports_.lease, generation_};
    case Use::Streams:
      return {transports_.streams, generation_};
    case Use::Requests:
      break;
  }
  return {transports_.requests, generation_};
}

Result<http::Request> ClientCore::wire(const ApiRequest& request, const Credential& credential) const {
  http::Request r;
  r.method = request.method;
  r.target = options_.pathPrefix + request.target;
  r.headers.reserve(8);
  r.headers.emplace_back("User-Agent", options_.userAgent);
  r.headers.emplace_back("Accept", request.accept);
  if (!request.contentType.empty()) r.headers.emplace_back("Content-Type", request.contentType);
  if (!credential.authorization.empty()) r.headers.emplace_back("Authorization", credential.authorization);
  if (const auto& as = request.as ? request.as : options_.as) {
    auto headers = impersonationHeaders(*as);
    if (!headers) return std::move(headers).error();
    if (const auto repeated = repeatedName(*headers))
      return invalid("impersonation: several values of " + *repeated + " can't be sent; expected one");
    for (auto& header : *headers) r.headers.push_back(std::move(header));
  }
  r.body = request.body;
  r.timeout = request.timeout;
  return r;
}

bool ClientCore::renew(const Credential& credential, uint64_t generation) {
  const bool another = options_.authenticator->refused(credential.serial);
  if (!credential.authorization.empty()) return another;
  // A certificate was refused: connections opened with it keep it, so new ones are needed.
  Transports old;  // ends without the lock
  MutexLock l(mutex_);
  if (generation != generation_) return true;  // somebody else was faster
  if (lastRenewal_ && now() - *lastRenewal_ < kLeastBetweenRenewals) return another;
  lastRenewal_ = now();
  old = std::exchange(transports_, connectAll());
  ++generation_;
  return true;
}

}  // namespace baton::kube
