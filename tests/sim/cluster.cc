#include "sim/cluster.h"

#include <algorithm>
#include <utility>

namespace baton::sim {
namespace {

constexpr Micros kNodeSilence = 40 * kSecond;  // then the pods of a node are called not ready

Json podJson(const std::string& name, const std::string& ip) {
  return {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"name", name}, {"labels", {{"app", "db"}}}}},
      {"spec", {{"nodeName", "node-" + name}, {"containers", {{{"name", "db"}}}}}},
      {"status", {{"phase", "Running"}, {"podIP", ip}, {"conditions", {{{"type", "Ready"}, {"status", "False"}}}}}}};
}

bool saysReady(const Json& pod) {
  for (const auto& c : api::array(api::object(pod, "status"), "conditions"))
    if (api::text(c, "type") == "Ready") return api::text(c, "status") == "True";
  return false;
}

int saidRestarts(const Json& pod) {
  int n = 0;
  for (const auto& c : api::array(api::object(pod, "status"), "containerStatuses")) n += c.value("restartCount", 0);
  return n;
}

}  // namespace

Cluster::Cluster(Scheduler& scheduler, ApiServer& server, Trace& trace, ClusterOptions options, Random random)
    : scheduler_(scheduler), server_(server), trace_(trace), options_(options), random_(random) {
  server_.onChange([this](const Change& c) { onChange(c); });
  server_.onPodDeletion([this](const std::string& name) { terminate(name); });
  server_.endpoints([this] { return endpointSlices(); });
}

void Cluster::start() {
  for (int i = 0; i < options_.members; ++i) add("db-" + std::to_string(i), std::make_shared<Disk>());
  if (options_.service)
    server_.put(
        "services",
        {{"metadata", {{"name", "db"}}}, {"spec", {{"selector", {{"app", "db"}, {"ha.baton.dev/role", "primary"}}}}}},
        "user");
  scheduler_.after(50 * kMillisecond, [this] { replicate(); });
  scheduler_.after(writeEvery, [this] { write(); });
}

void Cluster::add(const std::string& name, std::shared_ptr<Disk> disk) {
  Member m;
  m.name = name;
  m.disk = std::move(disk);
  const int n = ++born_;
  m.ip = "10.0." + std::to_string(n / 250) + "." + std::to_string(n % 250 + 1);
  const std::string ip = m.ip;
  m.unreadyUntil = scheduler_.now() + random_.between(100, 3000) * kMillisecond;
  const Micros readyAt = m.unreadyUntil;
  members_[name] = std::move(m);
  server_.put("pods", podJson(name, ip), "kubelet");
  members_[name].uid = api::text((*server_.get("pods", name))["metadata"], "uid");
  report(name, readyAt - scheduler_.now());
}

Member* Cluster::find(const std::string& name) {
  const auto found = members_.find(name);
  return found == members_.end() ? nullptr : &found->second;
}

Member* Cluster::pick(int64_t number) {
  if (members_.empty()) return nullptr;
  auto it = members_.begin();
  std::advance(it, number % static_cast<int64_t>(members_.size()));
  return &it->second;
}

void Cluster::onChange(const Change& c) {
  if (c.plural != "pods") return;
  const Micros late = random_.oneIn(20) ? random_.below(5 * kSecond) : random_.between(20, 400) * kMillisecond;
  scheduler_.after(late, [this] { readEndpoints(); });
}

void Cluster::readEndpoints() {
  endpoints_.clear();
  for (const auto& name : server_.names("pods")) {
    const Json& pod = *server_.get("pods", name);
    const Json& labels = api::object(pod["metadata"], "labels");
    if (saysReady(pod) && !pod["metadata"].contains("deletionTimestamp") &&
        api::text(labels, "ha.baton.dev/role") == "primary")
      endpoints_.insert(name);
  }
}

Json Cluster::endpointSlices() const {
  Json endpoints = Json::array();
  for (const auto& name : endpoints_)
    endpoints.push_back({{"targetRef", {{"kind", "Pod"}, {"name", name}}}, {"conditions", {{"ready", true}}}});
  return {{"items", {{{"endpoints", endpoints}}}}};
}

// Nodes ---------------------------------------------------------------------------------------------------------------

void Cluster::report(const std::string& name, Micros delay) {
  scheduler_.after(delay + random_.between(5, 300) * kMillisecond, [this, name] { reportNow(name); });
}

void Cluster::reportNow(const std::string& name) {
  Member* m = find(name);
  const Json* pod = server_.get("pods", name);
  if (!m || !pod) return;
  const Micros now = scheduler_.now();
  bool ready = m->ready(now);
  if (m->cut(now)) {  // its node says nothing; somebody else notices that
    if (now < m->cutSince + kNodeSilence) return report(name, std::min(m->cutUntil, m->cutSince + kNodeSilence) - now);
    ready = false;
    report(name, m->cutUntil - now);
  }
  const int restarts = m->cut(now) ? saidRestarts(*pod) : m->restarts;
  if (ready == saysReady(*pod) && restarts == saidRestarts(*pod)) return;
  trace_.tell("node", [&] {
    return "pod " + name + (ready ? " is ready" : " is not ready") + ", restarts " + std::to_string(restarts);
  });
  server_.patchStatus(
      "pods", name,
      {{"conditions", {{{"type", "Ready"}, {"status", ready ? "True" : "False"}}}},
       {"containerStatuses", {{{"name", "db"}, {"restartCount", restarts}, {"state", {{"running", Json::object()}}}}}}},
      "kubelet");
}

void Cluster::terminate(const std::string& name) {
  Member* m = find(name);
  if (!m || m->terminating) return;
  m->terminating = true;
  const Micros grace = random_.between(50, 5000) * kMillisecond;
  scheduler_.after(grace, [this, name, uid = m->uid] { stopped(name, uid); });
}

void Cluster::stopped(const std::string& name, const std::string& uid) {
  Member* m = find(name);
  if (!m || m->uid != uid) return;
  const Micros now = scheduler_.now();
  if (m->cut(now)) {  // nobody can tell its node
    scheduler_.at(m->cutUntil + kSecond, [this, name, uid] { stopped(name, uid); });
    return;
  }
  const auto disk = m->disk;
  members_.erase(name);
  events.ended(name);
  trace_.tell("node", [&] { return "pod " + name + " has ended"; });
  events.rolesChanged();
  server_.erase("pods", name, "kubelet");
  const std::string next = options_.keepsNames ? name : "db-" + std::to_string(options_.members + replaced_++);
  scheduler_.after(random_.between(200, 5000) * kMillisecond,
                   [this, next, disk = options_.keepsNames ? disk : std::make_shared<Disk>()] { add(next, disk); });
}

void Cluster::remove(const std::string& name) { server_.erase("pods", name, "user"); }

void Cluster::restart(const std::string& name, Micros away) {
  Member* m = find(name);
  if (!m) return;
  m->lostRole = m->lostRole || m->accepting;
  m->running = m->accepting = false;
  events.ended(name);
  events.rolesChanged();
  report(name, 0);
  scheduler_.after(away, [this, name, uid = m->uid] {
    Member* again = find(name);
    if (!again || again->uid != uid) return;
    again->running = true;
    ++again->restarts;
    if (options_.forgets) again->disk->upstream.clear();
    report(name, 0);
  });
}

void Cluster::hang(const std::string& name, Micros forSoLong) {
  if (Member* m = find(name)) {
    m->hungUntil = std::max(m->hungUntil, scheduler_.now() + forSoLong);
    report(name, 3 * kSecond);
    report(name, forSoLong);
  }
}

void Cluster::unready(const std::string& name, Micros forSoLong) {
  if (Member* m = find(name)) {
    m->unreadyUntil = std::max(m->unreadyUntil, scheduler_.now() + forSoLong);
    report(name, 0);
    report(name, forSoLong);
  }
}

void Cluster::cut(const std::string& name, Micros forSoLong) {
  if (Member* m = find(name)) {
    if (!m->cut(scheduler_.now())) m->cutSince = scheduler_.now();
    m->cutUntil = std::max(m->cutUntil, scheduler_.now() + forSoLong);
    report(name, kNodeSilence);
    report(name, forSoLong);
  }
}

}  // namespace baton::sim
