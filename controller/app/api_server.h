// The REST API as a part of the program: server, gateway, and the credentials file, which is read again when it
// changes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/api_groups.h"
#include "app/settings.h"
#include "base/timers.h"
#include "gateway/gateway.h"
#include "http/server.h"

namespace baton::app {

class ApiServer {
 public:
  struct Parts {
    // All must outlive it.
    const Settings& settings;
    kube::Client& client;
    const std::vector<std::unique_ptr<reconcile::Scope>>& scopes;
    reconcile::Metrics& metrics;
    const Clock& clock;
    std::function<bool()> ready;
  };
  explicit ApiServer(Parts parts);
  /// As stop(0).
  ~ApiServer();

  /// Reads the credentials and listens. An Error names file and line, or the address.
  Status start();
  /// Accepts no more calls; those under way are answered, for `grace` at most.
  void stop(std::chrono::milliseconds grace);
  /// News of the watches.
  void requestSeen(const std::shared_ptr<const api::SwitchoverRequest>& request, bool gone);

 private:
  Status readCredentials();
  void lookAgain();

  const Parts p_;
  std::string lastRead_;  // what the file held when it was looked at last
  ApiGroups groups_;
  gateway::Authenticator authenticator_;
  gateway::Access access_;
  gateway::Followers followers_;
  gateway::Gateway gateway_;
  std::unique_ptr<http::Server> server_;
  Timers timers_;  // ends first: its functions use all of the above
};

}  // namespace baton::app
