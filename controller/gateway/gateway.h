// The REST API's way from a call to its answer: find its facade, prove who calls, find the group, ask RBAC, let the
// facade say what is wanted, make a SwitchoverRequest, follow it, and let the facade say what came of it. No path
// changes a pod.
//
// Who owns what: an Exchange for each call, kept alive by whatever it waits for (a password check, the API server, news
// of its request, a timer). What fails: each step ends the Exchange with an outcome, which the facade renders; a call
// is answered exactly once.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "base/timers.h"
#include "facades/facade.h"
#include "gateway/access.h"
#include "gateway/authenticator.h"
#include "gateway/followers.h"
#include "gateway/groups.h"
#include "gateway/nonce_claims.h"
#include "http/server.h"
#include "kube/client.h"

namespace baton::gateway {

struct GatewayOptions {
  // All must outlive the gateway and every call under way.
  kube::Client& client;
  const Groups& groups;
  Authenticator& authenticator;
  Access& access;
  Followers& followers;
  NonceClaims& claims;
  Timers& timers;
  const Clock& clock;
  std::function<std::string(size_t)> random;  // bytes
  /// May that user ask for one more change now, at that cost? Too many are refused.
  std::function<bool(const std::string& user, double cost)> takes;
  /// This process is about to end: no request is made any more.
  std::function<bool()> stopping;
  /// Told of each answer: the path's name, "openapi" for the description, or "" for none; HTTP status; seconds.
  std::function<void(std::string_view api, int status, double seconds)> answered;
  std::function<void(std::string_view api)> notProved;
};

class Gateway {
 public:
  explicit Gateway(GatewayOptions options) : options_(std::move(options)) {}
  /// For http::Server.
  void handle(http::Request request, const http::Peer& peer, http::Respond respond);

 private:
  const GatewayOptions options_;
};

}  // namespace baton::gateway
