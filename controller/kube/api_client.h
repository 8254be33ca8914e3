// The Client of one API server: credentials, limits, priorities, retries. Decides nothing by itself: what an answer
// means is in status_error.h, what comes after it in retry.h, which request is next in request_queue.h.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "base/timers.h"
#include "kube/authenticator.h"
#include "kube/client.h"
#include "kube/config.h"

namespace baton::kube {

/// One try of a request has ended. code: "200", or "<error>" when no answer came. Must not block.
using Observer = std::function<void(http::Method method, const std::string& code, double seconds)>;
/// Calls f once after that time, on another thread, until the client is gone.
using After = std::function<void(std::chrono::steady_clock::duration, std::function<void()> f)>;

struct ApiClientOptions {
  /// Makes a transport to the server: called for short requests, streams and Lane::Lease each, and again after the
  /// server refused a client certificate, so that connections with the old one are left.
  std::function<std::shared_ptr<http::Transport>()> connect;
  std::shared_ptr<Authenticator> authenticator;
  After after;
  std::string pathPrefix;
  std::optional<Impersonation> as;  // when a request says nothing else
  std::string userAgent = "baton";
  int maxInFlight = 16;
  /// So many more for Lane::RoleChange, so that slow requests of others can't hold up a role change.
  int moreForRoleChange = 4;
  Observer observe;                // may be empty
  std::function<double()> random;  // in [0, 1); empty: a generator of its own
  const Clock* clock = &Clock::real();
};

/// Options for a real server. `timers` must outlive the client and whatever it still does.
ApiClientOptions apiClientOptions(const Config& config, Timers& timers, const std::string& version);

/// Thread-safe. On destruction as after shutDown(); requests under way still end, and `done` still runs.
std::shared_ptr<Client> makeApiClient(ApiClientOptions options);

}  // namespace baton::kube
