#include "app/program.h"

#include <cstdlib>

#include "app/memory.h"
#include "base/log.h"
#include "kube/api_client.h"
#include "kube/exec_access.h"
#include "mechanisms/make_mechanisms.h"
#include "reconcile/event_replay.h"

#ifndef BATON_VERSION
#define BATON_VERSION "0.0.0"
#endif
#ifndef BATON_COMMIT
#define BATON_COMMIT "unknown"
#endif

namespace baton::app {
namespace {

constexpr const char* kLease = "baton-controller";
/// The key of no group: look whether all is listed.
constexpr const char* kLists = "";
/// SIGTERM to the end is 10 s at most: REST calls, effects, Events, the Lease and the servers share them.
constexpr std::chrono::milliseconds kCallsGrace{3000}, kEffectsGrace{2500}, kEventsGrace{1500}, kLeaseGrace{1200},
    kServerGrace{400}, kAnswersGrace{500};

http::Response plain(int status, std::string body, const char* type = "text/plain; charset=utf-8") {
  return {status, {{"Content-Type", type}}, std::move(body)};
}

}  // namespace

const Version& version() {
  static const Version v{BATON_VERSION, BATON_COMMIT};
  return v;
}

Program::~Program() {
  if (!stopping_) stop();
}

Status Program::start() {
  metrics_ = std::make_unique<reconcile::Metrics>(version().version, version().commit);
  if (auto s = connect(); !s) return s;
  makeScopes();
  if (auto s = listen(); !s) return s;
  if (auto s = serveApi(); !s) return s;
  for (auto& s : scopes_) s->start();
  for (int i = 0; i < settings_.workers; ++i) workers_.emplace_back([this] { work(); });
  elect();
  queue_->add(kLists);
  settleMemory();
  return Ok{};
}

Status Program::connect() {
  kube::ConfigOptions o;
  o.kubeconfig = settings_.kubeconfig;
  o.context = settings_.context;
  auto config = kube::loadConfig(o);
  if (!config) return std::move(config).error();
  config_ = std::move(*config);
  log::info("starting", {{"version", version().version},
                         {"commit", version().commit},
                         {"server", config_.server},
                         {"credentials", config_.source}});
  auto options = kube::apiClientOptions(config_, timers_, version().version);
  options.maxInFlight = settings_.maxRequestsInFlight;
  options.observe = [this](http::Method m, const std::string& code, double s) {
    metrics_->restClient(http::name(m), code, s);
  };
  client_ = kube::makeApiClient(std::move(options));
  exec_ = std::make_unique<http::ExecClient>();
  mechanisms_ =
      mechanisms::makeMechanisms({*client_, kube::execAccess(config_, version().version), *exec_, transports_, timers_,
                                  clock_, [this](std::string_view hook, std::string_view result, double s) {
                                    metrics_->hook(std::string(hook), std::string(result), s);
                                  }});
  return Ok{};
}

std::string Program::leaseNamespace() const {
  return settings_.leaderElectNamespace.empty() ? config_.ns : settings_.leaderElectNamespace;
}

void Program::makeScopes() {
  if (settings_.leaderElect) {
    kube::LeaderElectorOptions o;
    o.ns = leaseNamespace();
    o.name = kLease;
    o.timings = {settings_.leaseDuration, settings_.renewDeadline, settings_.retryPeriod};
    leadership_ = std::make_unique<kube::LeaderElector>(*client_, timers_, clock_, std::move(o));
  } else {
    leadership_ = std::make_unique<kube::NoElection>();
  }
  kube::EventRecorderOptions events;
  events.events.reportingInstance = leadership_->identity();
  events.queue = 20000;
  events.events.remember = 512;  // names are made so that telling twice does no harm
  events_ = std::make_unique<kube::ApiEventRecorder>(*client_, timers_, clock_, std::move(events));
  announcer_ = std::make_unique<reconcile::Announcer>(*events_, *metrics_);
  kube::WorkQueueOptions queue;
  queue.metrics = metrics_->workQueue("hagroup");
  queue_ = std::make_unique<kube::WorkQueue>(queue);
  makeDetector();
  auto namespaces = settings_.namespaces;
  if (namespaces.empty()) namespaces.emplace_back();
  const auto names = std::make_shared<reconcile::ApiIndex>();
  for (const auto& ns : namespaces)
    scopes_.push_back(std::make_unique<reconcile::Scope>(
        ns,
        reconcile::ScopeParts{*client_, timers_, clock_, *mechanisms_, *queue_, *leadership_, *announcer_, *metrics_,
                              names, settings_.multiTenant, settings_.leaderElect, detector_.get(), fleet_.get()}));
}

void Program::makeDetector() {
  reconcile::FleetRules rules;
  rules.storm.share = settings_.stormShare / 100.0;
  rules.storm.groups = static_cast<size_t>(settings_.stormGroups);
  rules.storm.window = settings_.stormWindow;
  rules.mostFailovers = static_cast<size_t>(settings_.maxConcurrentFailovers);
  const auto again = [this](const std::string& key) { queue_->add(key); };
  const auto groups = [this] {
    size_t n = 0;
    for (const auto& s : scopes_) n += s->world().groupCount();
    return n;
  };
  fleet_ = std::make_shared<reconcile::Fleet>(rules, timers_, clock_, groups, again);
  detector_ = std::make_shared<reconcile::Detector>(
      reconcile::Detector::Parts{*mechanisms_, timers_, clock_, *leadership_, *fleet_, again});
}

/// What was seen in another term of leading, or by nobody, says nothing now.
void Program::forgetFailures() {
  detector_->reset();
  fleet_->reset();
}

Status Program::listen() {
  for (const auto& address : {settings_.metricsAddress, settings_.healthAddress}) {
    http::ServerOptions o;
    o.address = address;
    auto server = http::Server::start(
        std::move(o), [this](http::Request r, http::Peer, http::Respond respond) { respond(answer(r)); });
    if (!server) return std::move(server).error().within("listening on " + address);
    servers_.push_back(std::move(*server));
    if (settings_.metricsAddress == settings_.healthAddress) break;
  }
  return Ok{};
}

Status Program::serveApi() {
  if (settings_.apiCredentials.empty()) {
    log::info("the REST API is not served: there is no --api-credentials");
    return Ok{};
  }
  api_ = std::make_unique<ApiServer>(ApiServer::Parts{
      settings_, *client_, scopes_, *metrics_, clock_, [this] { return wasSynced_ || synced(); }, leaseNamespace(),
      leadership_->identity(), version().version, [this](const api::HaGroup& g) { return detector_->upToDate(g); }});
  for (auto& s : scopes_) {
    s->world().tellRequests(
        [this](const std::shared_ptr<const api::SwitchoverRequest>& r, bool gone) { api_->requestSeen(r, gone); });
    s->world().tellGroups([this](const std::string& key) { api_->groupSeen(key); });
  }
  return api_->start();
}

http::Response Program::answer(const http::Request& r) {
  if (r.method != http::Method::Get && r.method != http::Method::Head) {
    http::Response refused = plain(405, "only GET\n");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  if (r.target == "/metrics") return plain(200, metricsText(), "text/plain; version=0.0.4; charset=utf-8");
  if (r.target == "/healthz") return plain(200, "ok\n");
  if (r.target == "/readyz") {
    const std::string why = notReady();
    return why.empty() ? plain(200, "ok\n") : plain(503, why + "\n");
  }
  return plain(404, "there are /metrics, /healthz and /readyz\n");
}

bool Program::synced() const {
  for (const auto& s : scopes_)
    if (!s->synced()) return false;
  return true;
}

std::string Program::notReady() const {
  if (stopping_) return "stopping";
  if (wasSynced_ || synced()) return "";
  std::string why = "not all is listed yet:";
  for (const auto& s : scopes_) why += " " + s->trouble();
  return why;
}

std::string Program::metricsText() {
  size_t inProgress = 0;
  for (const auto& s : scopes_)
    s->world().forEachRequest(
        [&](const api::SwitchoverRequest& r) { inProgress += api::started(r.status.phase) ? 1 : 0; });
  return metrics_->text(
      [this](const std::function<void(const api::HaGroup&)>& f) {
        for (const auto& s : scopes_)
          s->world().forEachGroup([&](const api::HaGroup& g) {
            const auto now = detector_->upToDate(g);
            f(now ? *now : g);
          });
      },
      inProgress);
}

void Program::elect() {
  metrics_->leading(kLease, false);
  kube::LeaderCallbacks callbacks;
  callbacks.onStartedLeading = [this] { onLeading(); };
  callbacks.onStoppedLeading = [this] { onNotLeading(); };
  callbacks.onNewLeader = [](const std::string& who) { log::info("leader is " + (who.empty() ? "nobody" : who)); };
  leadership_->start(std::move(callbacks));
}

void Program::onLeading() {
  log::info("leading", {{"identity", leadership_->identity()}});
  metrics_->leading(kLease, true);
  for (auto& s : scopes_) s->reconciler().abandon();  // what was asked before the Lease was ours counts no more
  forgetFailures();
  if (wasSynced_) takeOver();
}

/// Leads, and knows the world: every group has its turn.
void Program::takeOver() {
  for (auto& s : scopes_) {
    for (const auto& key : s->world().groupKeys()) queue_->add(key);
    s->world().forEachRequest([&](const api::SwitchoverRequest& r) { queue_->add(r.meta.ns + "/" + r.spec.group); });
  }
  replayEvents();
}

/// Decisions wait for all lists: half a world would look like missing pods.
void Program::awaitLists() {
  if (!synced()) return queue_->addAfter(kLists, std::chrono::milliseconds(20));
  wasSynced_ = true;
  takeOver();
}

void Program::replayEvents() {
  if (!leadership_->leading()) return;
  for (auto& s : scopes_) {
    std::vector<api::SwitchoverRequest> finished;
    s->world().forEachRequest([&](const api::SwitchoverRequest& r) { finished.push_back(r); });
    reconcile::replayEndings(*client_, *events_, s->ns(), std::move(finished), clock_.now());
  }
}

void Program::onNotLeading() {
  metrics_->leading(kLease, false);
  if (!stopping_) log::warn("not leading any more; nothing is changed until this process leads again");
  for (auto& s : scopes_) s->reconciler().abandon();
  forgetFailures();
}

void Program::work() {
  while (const auto key = queue_->get()) {
    dispatch(*key);
    queue_->done(*key);
  }
}

void Program::dispatch(const std::string& key) {
  if (key == kLists) return awaitLists();
  if (!wasSynced_) return;  // awaitLists() adds every group
  const std::string ns = key.substr(0, key.find('/')), name = key.substr(key.find('/') + 1);
  for (auto& s : scopes_) {
    if (!s->holds(ns)) continue;
    if (!s->world().has(ns, name)) metrics_->forgetGroup(ns, name);
    if (leadership_->leading()) s->reconciler().reconcile(key);  // else onLeading adds every group
    return;
  }
}

void Program::settleMemory() {
  // What the first lists needed is not needed again: given back to the system once they are through.
  timers_.after(std::chrono::seconds(1), [this] {
    if (!wasSynced_) return settleMemory();
    timers_.after(std::chrono::seconds(3), [this] {
      giveBackMemory();
      keepMemorySmall();
    });
  });
}

/// As after many connections, each of which takes a hundred kilobytes.
void Program::keepMemorySmall() {
  timers_.after(std::chrono::milliseconds(500), [this] {
    memory_.look(api_ ? api_->connections() : 0);
    keepMemorySmall();
  });
}

void Program::stop() {
  stopping_ = true;
  if (api_) api_->stop(kCallsGrace);  // while roles still change: most calls end as they should
  if (queue_) queue_->shutDown();
  for (auto& w : workers_) w.join();
  workers_.clear();
  for (auto& s : scopes_) s->reconciler().stop();
  if (detector_) detector_->reset();
  const Steady limit = clock_.steady() + kEffectsGrace;
  const auto busy = [this] {
    for (auto& s : scopes_)
      if (s->reconciler().underWay() > 0) return true;
    return false;
  };
  while (busy() && clock_.steady() < limit) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  if (events_) events_->flush(clock_.steady() + kEventsGrace);
  if (leadership_) leadership_->stop(kLeaseGrace);
  for (auto& s : scopes_) s->stop();
  for (auto& s : servers_) s->stop(kServerGrace);
  if (client_) client_->shutDown();
  const Steady last = clock_.steady() + kAnswersGrace;
  const auto answersOut = [this] { return client_ && client_->underWay() > 0; };
  while (answersOut() && clock_.steady() < last) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const bool clean = !busy() && !answersOut();
  log::info("stopped");
  // An answer that is still out would find its owner gone; there is nothing left to be done for it.
  if (!clean) std::_Exit(0);
  timers_.stop();  // its functions use what is destroyed next
  mechanisms_.reset();
  exec_.reset();
}

}  // namespace baton::app
