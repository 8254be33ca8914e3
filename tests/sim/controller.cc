#include "sim/controller.h"

#include <utility>

#include "kube/api_client.h"
#include "kube/exec_access.h"
#include "mechanisms/make_mechanisms.h"
#include "sim/api_transport.h"

namespace baton::sim {
namespace {

/// The key of no group: look whether all is listed.
constexpr const char* kLists = "";

/// Never used: the groups of a run have HTTP hooks. One for all, as each has a thread.
http::ExecClient& noExec() {
  static http::ExecClient exec;
  return exec;
}

/// One for all runs: nothing is read from it.
reconcile::Metrics& sharedMetrics() {
  static reconcile::Metrics metrics("sim", "");
  return metrics;
}

http::HostTransports::Options podTransports(const Surroundings& around, Machine& machine,
                                            const std::shared_ptr<Life>& life, const PodObserver& observer) {
  http::HostTransports::Options o;
  o.clock = &machine.clock;
  o.make = [&cluster = around.cluster, &machine, life, &observer](const http::TransportOptions& t) {
    return std::make_shared<PodTransport>(t.url, cluster, machine, life, observer);
  };
  return o;
}

}  // namespace

Controller::Controller(const Surroundings& around, Machine& machine, int run)
    : around_(around),
      machine_(machine),
      random_(machine.random.fork(100 + static_cast<uint64_t>(run))),
      timers_(machine, life_),
      evidence_(around.detection),
      observer_(makeObserver()),
      metrics_(sharedMetrics()),
      client_(makeClient()),
      transports_(podTransports(around, machine, life_, observer_)),
      mechanisms_(makeMechanisms()),
      announcer_(events_, metrics_) {
  kube::LeaderElectorOptions election;
  election.ns = kNamespace;
  election.identity = machine.name + "_" + std::to_string(run);
  election.now = [&clock = machine_.clock] { return clock.boot(); };
  election.seed = random_.next();
  leadership_ = std::make_unique<kube::LeaderElector>(*client_, timers_, machine_.clock, std::move(election));
  kube::WorkQueueOptions queue;
  queue.seed = random_.next();
  queue.clock = &machine_.clock;
  queue_ = std::make_unique<kube::WorkQueue>(queue);
  makeDetector();
  scope_ = std::make_unique<reconcile::Scope>(
      kNamespace, reconcile::ScopeParts{*client_, timers_, machine_.clock, *mechanisms_, *queue_, *leadership_,
                                        announcer_, metrics_, std::make_shared<reconcile::ApiIndex>(), false, true,
                                        detector_.get(), fleet_.get(), random_.next()});
  life_->afterwards = [this] { pump(); };
}

PodObserver Controller::makeObserver() {
  return {[this](const std::string& ip, const std::string& path, const std::string& body) {
            around_.judges.hookSent(sender(), ip, path, body);
          },
          [this](const EndedCall& c) { evidence_.ended(c, machine_.scheduler.now()); }};
}

std::shared_ptr<kube::Client> Controller::makeClient() {
  kube::ApiClientOptions o;
  o.connect = [this] {
    return std::make_shared<ApiTransport>(
        around_.server, machine_, life_, [this](const http::Request& r) { around_.judges.apiSent(sender(), r); },
        [this] { onWrite(); });
  };
  o.authenticator = kube::noAuthenticator();
  o.after = [this](std::chrono::steady_clock::duration d, std::function<void()> f) { timers_.after(d, std::move(f)); };
  o.random = [this] { return random_.unit(); };
  o.clock = &machine_.clock;
  return kube::makeApiClient(std::move(o));
}

std::shared_ptr<mechanisms::Mechanisms> Controller::makeMechanisms() {
  return mechanisms::makeMechanisms({*client_, kube::ExecAccess{}, noExec(), transports_, timers_, machine_.clock, {}});
}

void Controller::makeDetector() {
  const auto again = [this](const std::string& key) { queue_->add(key); };
  const auto groups = [this] { return scope_->world().groupCount(); };
  fleet_ = std::make_shared<reconcile::Fleet>(reconcile::FleetRules{}, timers_, machine_.clock, groups, again);
  detector_ = std::make_shared<reconcile::Detector>(
      reconcile::Detector::Parts{*mechanisms_, timers_, machine_.clock, *leadership_, *fleet_, again});
}

void Controller::forgetFailures() {
  detector_->reset();
  fleet_->reset();
}

/// As app::Program ends, in its order; what is under way ends without effect, as nothing leaves a dead process.
Controller::~Controller() {
  life_->alive = false;
  queue_->shutDown();
  scope_->reconciler().stop();
  detector_->reset();
  scope_->stop();
  client_->shutDown();
  mechanisms_.reset();
  timers_.forget();
}

void Controller::start() {
  around_.trace.tell(machine_.name.c_str(), [] { return "starts"; });
  machine_.call(life_, 0, [this] {
    scope_->start();
    elect();
    queue_->add(kLists);
  });
}

void Controller::kill() {
  if (!std::exchange(life_->alive, false)) return;
  around_.trace.tell(machine_.name.c_str(), [] { return "is killed"; });
}

void Controller::terminate() {
  machine_.call(life_, 0, [this] {
    around_.trace.tell(machine_.name.c_str(), [] { return "ends in order"; });
    queue_->shutDown();
    scope_->reconciler().stop();
    detector_->reset();
    release(2500);
  });
}

/// The Lease is given back when nothing is under way any more, or this time is over.
void Controller::release(int milliseconds) {
  if (milliseconds > 0 && scope_->reconciler().underWay() > 0)
    return machine_.call(life_, 10 * kMillisecond, [this, milliseconds] { release(milliseconds - 10); });
  leadership_->stop(std::chrono::milliseconds(0));
  kill();
}

void Controller::onWrite() {
  if (writesLeft_ > 0 && --writesLeft_ == 0) kill();
}

void Controller::elect() {
  kube::LeaderCallbacks callbacks;
  callbacks.onStartedLeading = [this] {
    around_.trace.tell(machine_.name.c_str(), [] { return "leads"; });
    evidence_.begin();
    around_.judges.leads(sender());
    scope_->reconciler().abandon();
    forgetFailures();
    if (synced_) takeOver();
  };
  callbacks.onStoppedLeading = [this] {
    around_.trace.tell(machine_.name.c_str(), [] { return "leads no more"; });
    scope_->reconciler().abandon();
    forgetFailures();
  };
  leadership_->start(std::move(callbacks));
}

void Controller::takeOver() {
  for (const auto& key : scope_->world().groupKeys()) queue_->add(key);
  scope_->world().forEachRequest([&](const api::SwitchoverRequest& r) { queue_->add(r.meta.ns + "/" + r.spec.group); });
}

void Controller::awaitLists() {
  if (!scope_->synced()) return queue_->addAfter(kLists, std::chrono::milliseconds(20));
  synced_ = true;
  takeOver();
}

void Controller::dispatch(const std::string& key) {
  if (key == kLists) return awaitLists();
  if (synced_ && leadership_->leading()) scope_->reconciler().reconcile(key);
}

/// Plans the work on the next key that is due.
void Controller::pump() {
  const auto due = queue_->due();
  if (!due) return;
  const Micros pause = std::max<Micros>(machine_.clock.until(*due), random_.between(20, 500));
  const Micros at = machine_.scheduler.now() + pause;
  if (workAt_ && *workAt_ <= at) return;
  workAt_ = at;
  machine_.call(life_, pause, [this, at] {
    if (workAt_ != at) return;
    workAt_.reset();
    if (const auto key = queue_->poll()) {
      dispatch(*key);
      queue_->done(*key);
    }
  });
}

}  // namespace baton::sim
