#include "app/api_server.h"

#include <thread>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "kube/file.h"

namespace baton::app {
namespace {

constexpr size_t kMostCredentials = size_t{1} << 20;  // as much as a Secret holds
constexpr std::chrono::seconds kLookAgain{1};
/// What stops a client that has gone wild, and no other; reading is not limited.
constexpr gateway::CallRate::Limit kChanges{1000, 20};
/// For answers to those who have waited in vain.
constexpr std::chrono::milliseconds kLastAnswers{300};

http::ServerLimits limits() {
  http::ServerLimits l;
  l.header = size_t{32} << 10;
  l.body = size_t{64} << 10;
  l.connections = 2048;  // of up to 150 KiB each
  l.connectionsOfPeer = 1536;
  return l;
}

}  // namespace

ApiServer::ApiServer(Parts parts)
    : p_(std::move(parts)),
      groups_(p_.scopes, p_.clock, p_.ready),
      authenticator_(p_.clock, timers_),
      access_(p_.client, p_.clock),
      claims_(p_.client, timers_, p_.clock, p_.ns, p_.identity),
      rate_(kChanges),
      gateway_({p_.client, groups_, authenticator_, access_, followers_, claims_, timers_, p_.clock, randomBytes,
                taking(), stoppingNow(), answered(), notProved()}),
      uiSource_(p_.scopes, p_.ready, p_.upToDate),
      site_({p_.client, uiSource_, authenticator_, access_, timers_, p_.clock, p_.version, randomBytes, taking(),
             stoppingNow(), answered(), notProved()}) {}

ApiServer::~ApiServer() {
  stop(std::chrono::milliseconds(0));
  authenticator_.stop();
  timers_.stop();
}

std::function<bool(const std::string&, double)> ApiServer::taking() {
  return [this](const std::string& user, double cost) {
    MutexLock l(mutex_);
    return rate_.take(user, cost, p_.clock.steady());
  };
}

std::function<bool()> ApiServer::stoppingNow() {
  return [this] { return stopping_.load(); };
}

std::function<void(std::string_view, int, double)> ApiServer::answered() {
  return [this](std::string_view api, int status, double seconds) {
    p_.metrics.apiCall(std::string(api), status, seconds);
  };
}

std::function<void(std::string_view)> ApiServer::notProved() {
  return [this](std::string_view api) { p_.metrics.apiNotProved(std::string(api)); };
}

/// The same, and the call counts as under way until it is answered or given up.
http::Respond ApiServer::counted(http::Respond respond) {
  ++underWay_;
  auto call = std::shared_ptr<void>(nullptr, [this](void*) { --underWay_; });
  return [respond = std::move(respond), call = std::move(call)](http::Response r) mutable {
    respond(std::move(r));
    call.reset();
  };
}

Status ApiServer::take(const std::string& text) {
  decided_ = text;
  auto credentials = gateway::parseCredentials(text, p_.settings.apiCredentials);
  if (!credentials) return std::move(credentials).error();
  log::info("credentials are read", {{"file", p_.settings.apiCredentials}, {"users", (*credentials)->users.size()}});
  authenticator_.replace(std::move(*credentials));
  return Ok{};
}

Status ApiServer::readCredentials() {
  auto text = kube::readFile(p_.settings.apiCredentials, kMostCredentials);
  if (!text) return std::move(text).error();
  seen_ = *text;
  return take(seen_);
}

/// Taken when two looks find the same: a file that is being written is not a new one. Those in force stay so until
/// then.
void ApiServer::look() {
  auto text = kube::readFile(p_.settings.apiCredentials, kMostCredentials);
  std::string complaint;
  if (!text) {
    complaint = text.error().message;
  } else {
    const bool twice = *text == std::exchange(seen_, *text);
    if (!twice || *text == decided_) {
      if (*text == decided_) complaint_.clear();
      return;
    }
    if (const Status s = take(*text); !s) complaint = s.error().message;
  }
  if (!complaint.empty() && complaint != complaint_)
    log::error("the new credentials are refused", {{"error", complaint}});
  complaint_ = complaint;
}

void ApiServer::lookAgain() {
  timers_.after(kLookAgain, [this] {
    look();
    lookAgain();
  });
}

Status ApiServer::start() {
  if (auto s = readCredentials(); !s) return s;
  http::ServerOptions o;
  o.address = apiListenAddress(p_.settings);
  o.limits = limits();
  o.threads = 2;
  if (!p_.settings.apiTlsCert.empty()) {
    o.tls = http::certificateFromFiles(p_.settings.apiTlsCert, p_.settings.apiTlsKey);
    if (!o.tls()) return invalid("the REST API's certificate " + p_.settings.apiTlsCert + " and key can't be used");
  }
  auto server = http::Server::start(std::move(o), [this](http::Request r, http::Peer peer, http::Respond respond) {
    if (ui::Site::has(r.target))
      site_.handle(std::move(r), peer, counted(std::move(respond)));
    else
      gateway_.handle(std::move(r), peer, counted(std::move(respond)));
  });
  if (!server) return std::move(server).error().within("listening for the REST API");
  server_ = std::move(*server);
  lookAgain();
  claims_.keepTidy();
  log::info("the REST API is served", {{"address", apiListenAddress(p_.settings)}});
  return Ok{};
}

void ApiServer::stop(std::chrono::milliseconds grace) {
  stopping_ = true;
  site_.live().stop();
  if (!server_) return;
  std::thread drained([&] { server_->stop(grace + kLastAnswers); });
  const Steady until = std::chrono::steady_clock::now() + grace;
  while (underWay_ > 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  followers_.stop();
  drained.join();
  // Nothing of it asks the API server any more.
  authenticator_.stop();
  timers_.stop();
}

void ApiServer::requestSeen(const std::shared_ptr<const api::SwitchoverRequest>& request, bool gone) {
  followers_.seen(request, gone);
  site_.live().requestChanged(*request);
}

void ApiServer::groupSeen(const std::string& key) { site_.live().groupChanged(key); }

}  // namespace baton::app
