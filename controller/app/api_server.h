// The REST API and the page as a part of the program: server, gateway, site, and the credentials file, which is read
// again when it changes.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "app/api_groups.h"
#include "app/settings.h"
#include "app/ui_source.h"
#include "base/mutex.h"
#include "base/timers.h"
#include "gateway/call_rate.h"
#include "gateway/gateway.h"
#include "http/server.h"
#include "ui/site.h"

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
    std::string ns;        // where notes of signed calls are kept: the leader's Lease has its place there, too
    std::string identity;  // of this replica
    std::string version;   // of the program
    UiSource::UpToDate upToDate;
  };
  explicit ApiServer(Parts parts);
  /// As stop(0).
  ~ApiServer();

  /// Reads the credentials and listens. An Error names file and line, or the address.
  Status start();
  /// Accepts no more calls and waits until those under way have ended, for `grace` at most; then answers those that
  /// still wait for a role change that it goes on.
  void stop(std::chrono::milliseconds grace);
  size_t connections() const { return server_ ? server_->connections() : 0; }
  /// News of the watches.
  void requestSeen(const std::shared_ptr<const api::SwitchoverRequest>& request, bool gone);
  void groupSeen(const std::string& key);

 private:
  Status readCredentials();
  void lookAgain();
  void look();
  Status take(const std::string& text);
  // What both ways of calling are told by.
  std::function<bool(const std::string& user, double cost)> taking();
  std::function<bool()> stoppingNow();
  std::function<void(std::string_view api, int status, double seconds)> answered();
  std::function<void(std::string_view api)> notProved();
  http::Respond counted(http::Respond respond);

  const Parts p_;
  // What the file held when it was looked at last, and what was decided last. Of the timers' thread, once started.
  std::string seen_, decided_, complaint_;
  ApiGroups groups_;
  gateway::Authenticator authenticator_;
  gateway::Access access_;
  gateway::Followers followers_;
  gateway::NonceClaims claims_;
  std::atomic<int> underWay_{0};  // calls
  std::atomic<bool> stopping_{false};
  Mutex mutex_;
  gateway::CallRate rate_ GUARDED_BY(mutex_);
  gateway::Gateway gateway_;
  UiSource uiSource_;
  ui::Site site_;
  std::unique_ptr<http::Server> server_;
  Timers timers_;  // stopped first: its functions use all of the above
};

}  // namespace baton::app
