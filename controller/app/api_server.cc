#include "app/api_server.h"

#include "base/crypto.h"
#include "base/log.h"
#include "kube/file.h"

namespace baton::app {
namespace {

constexpr size_t kMostCredentials = size_t{1} << 20;  // as much as a Secret holds
constexpr std::chrono::seconds kLookAgain{2};

http::ServerLimits limits() {
  http::ServerLimits l;
  l.header = size_t{32} << 10;
  l.body = size_t{64} << 10;
  l.connections = 4096;
  l.connectionsOfPeer = 1024;
  return l;
}

}  // namespace

ApiServer::ApiServer(Parts parts)
    : p_(std::move(parts)),
      groups_(p_.scopes, p_.clock, p_.ready),
      authenticator_(p_.clock, timers_),
      access_(p_.client, p_.clock),
      gateway_({p_.client, groups_, authenticator_, access_, followers_, timers_, p_.clock, randomBytes,
                [this](std::string_view api, int status, double s) { p_.metrics.apiCall(std::string(api), status, s); },
                [this](std::string_view api) { p_.metrics.apiNotProved(std::string(api)); }}) {}

ApiServer::~ApiServer() {
  stop(std::chrono::milliseconds(0));
  authenticator_.stop();
}

Status ApiServer::readCredentials() {
  auto text = kube::readFile(p_.settings.apiCredentials, kMostCredentials);
  if (!text) return std::move(text).error();
  if (*text == lastRead_) return Ok{};
  lastRead_ = *text;
  auto credentials = gateway::parseCredentials(*text, p_.settings.apiCredentials);
  if (!credentials) return std::move(credentials).error();
  log::info("credentials are read", {{"file", p_.settings.apiCredentials}, {"users", (*credentials)->users.size()}});
  authenticator_.replace(std::move(*credentials));
  return Ok{};
}

void ApiServer::lookAgain() {
  timers_.after(kLookAgain, [this] {
    // Those in force stay so.
    if (const Status s = readCredentials(); !s)
      log::error("the new credentials are refused", {{"error", s.error().message}});
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
    gateway_.handle(std::move(r), peer, std::move(respond));
  });
  if (!server) return std::move(server).error().within("listening for the REST API");
  server_ = std::move(*server);
  lookAgain();
  log::info("the REST API is served", {{"address", apiListenAddress(p_.settings)}});
  return Ok{};
}

void ApiServer::stop(std::chrono::milliseconds grace) {
  if (server_) server_->stop(grace);
}

void ApiServer::requestSeen(const std::shared_ptr<const api::SwitchoverRequest>& request, bool gone) {
  if (gone)
    followers_.gone(request->meta.ns, request->meta.name);
  else
    followers_.changed(request);
}

}  // namespace baton::app
