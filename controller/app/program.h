// The whole program: what is made, in which order it starts, and in which order it ends.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/api_server.h"
#include "app/memory.h"
#include "app/settings.h"
#include "base/result.h"
#include "base/timers.h"
#include "http/host_transports.h"
#include "http/server.h"
#include "http/websocket.h"
#include "kube/client.h"
#include "kube/config.h"
#include "kube/event_recorder.h"
#include "kube/leader_elector.h"
#include "kube/work_queue.h"
#include "mechanisms/mechanisms.h"
#include "reconcile/announcer.h"
#include "reconcile/detector.h"
#include "reconcile/fleet.h"
#include "reconcile/metrics.h"
#include "reconcile/scope.h"

namespace baton::app {

struct Version {
  std::string version;
  std::string commit;
};
const Version& version();

class Program {
 public:
  explicit Program(Settings settings) : settings_(std::move(settings)) {}
  ~Program();

  /// Servers, watches, election, workers. Returns when all have begun; they then work on threads of their own.
  Status start();
  /// No new work; what is under way is aborted, the Lease released, Events written. Ends within 10 s.
  void stop();

 private:
  Status connect();
  Status listen();
  Status serveApi();
  std::string leaseNamespace() const;
  void makeScopes();
  void makeDetector();
  void forgetFailures();
  void elect();
  void onLeading();
  void onNotLeading();
  void takeOver();
  void awaitLists();
  void replayEvents();
  void work();
  void dispatch(const std::string& key);
  void settleMemory();
  void keepMemorySmall();

  bool synced() const;
  std::string notReady() const;
  http::Response answer(const http::Request& request);
  std::string metricsText();

  const Settings settings_;
  const Clock& clock_ = Clock::real();
  // In the order in which they are made; ended in the reverse order.
  MemoryKeeper memory_;  // of the timers' thread
  Timers timers_;
  std::unique_ptr<reconcile::Metrics> metrics_;
  kube::Config config_;
  std::shared_ptr<kube::Client> client_;
  std::unique_ptr<http::ExecClient> exec_;
  http::HostTransports transports_;
  std::shared_ptr<mechanisms::Mechanisms> mechanisms_;
  std::unique_ptr<kube::Leadership> leadership_;
  std::unique_ptr<kube::ApiEventRecorder> events_;
  std::unique_ptr<reconcile::Announcer> announcer_;
  std::unique_ptr<kube::WorkQueue> queue_;
  std::shared_ptr<reconcile::Fleet> fleet_;
  std::shared_ptr<reconcile::Detector> detector_;
  std::vector<std::unique_ptr<reconcile::Scope>> scopes_;
  std::vector<std::unique_ptr<http::Server>> servers_;
  std::unique_ptr<ApiServer> api_;  // null: not wanted
  std::vector<std::thread> workers_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> wasSynced_{false};
};

}  // namespace baton::app
