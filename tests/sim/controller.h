// One run of the controller program on a machine. All of it is the real one, from the Lease to the hooks' HTTP
// requests, but for what app/ does on threads: that is done here, one key at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/host_transports.h"
#include "http/websocket.h"
#include "kube/event_recorder.h"
#include "kube/leader_elector.h"
#include "kube/work_queue.h"
#include "mechanisms/mechanisms.h"
#include "reconcile/announcer.h"
#include "reconcile/detector.h"
#include "reconcile/fleet.h"
#include "reconcile/metrics.h"
#include "reconcile/scope.h"
#include "sim/api_server.h"
#include "sim/cluster.h"
#include "sim/machine.h"
#include "sim/pod_transport.h"
#include "sim/sender.h"
#include "sim/timers.h"
#include "sim/trace.h"

namespace baton::sim {

/// What all controllers of a run share.
struct Surroundings {
  Scheduler& scheduler;
  ApiServer& server;
  Cluster& cluster;
  Trace& trace;
  Judges& judges;
  Evidence::Rules detection;
};

class Controller {
 public:
  Controller(const Surroundings& around, Machine& machine, int run);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  void start();
  /// SIGKILL: what it has sent is on its way, nothing else follows.
  void kill();
  /// SIGKILL as soon as it has sent so many more writes.
  void killAfter(int writes) { writesLeft_ = writes; }
  /// SIGTERM: effects are aborted, the Lease is given back.
  void terminate();

  bool alive() const { return life_->alive; }
  bool leading() const { return life_->alive && leadership_->leading(); }
  /// Is it sure that no other can be leader now?
  bool holdsLease() const { return life_->alive && leadership_->remaining().count() > 0; }

 private:
  Sender sender() const { return {machine_.name, holdsLease(), evidence_}; }
  PodObserver makeObserver();
  std::shared_ptr<kube::Client> makeClient();
  std::shared_ptr<mechanisms::Mechanisms> makeMechanisms();
  void makeDetector();
  void forgetFailures();
  void elect();
  void takeOver();
  void awaitLists();
  void dispatch(const std::string& key);
  void pump();
  void onWrite();
  void release(int milliseconds);

  Surroundings around_;
  Machine& machine_;
  Random random_;
  const std::shared_ptr<Life> life_ = std::make_shared<Life>();
  VirtualTimers timers_;
  Evidence evidence_;
  const PodObserver observer_;
  reconcile::Metrics& metrics_;
  std::shared_ptr<kube::Client> client_;
  http::HostTransports transports_;
  std::shared_ptr<mechanisms::Mechanisms> mechanisms_;
  std::unique_ptr<kube::Leadership> leadership_;
  kube::NoEvents events_;
  reconcile::Announcer announcer_;
  std::unique_ptr<kube::WorkQueue> queue_;
  std::shared_ptr<reconcile::Fleet> fleet_;
  std::shared_ptr<reconcile::Detector> detector_;
  std::unique_ptr<reconcile::Scope> scope_;
  std::optional<Micros> workAt_;
  bool synced_ = false;
  int writesLeft_ = -1;
};

}  // namespace baton::sim
