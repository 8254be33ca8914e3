#include "reconcile/group_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace baton::reconcile {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

MetricFamily family(const char* name, const char* help, MetricType type = MetricType::Gauge) {
  MetricFamily f;
  f.name = name;
  f.help = help;
  f.type = type;
  return f;
}

void add(MetricFamily& f, const api::HaGroup& g, double value, std::initializer_list<ClientMetric::Label> more = {}) {
  ClientMetric m;
  m.label = {{"namespace", g.meta.ns}, {"group", g.meta.name}};
  m.label.insert(m.label.end(), more.begin(), more.end());
  m.gauge.value = value;
  f.metric.push_back(std::move(m));
}

void add(MetricFamily& f, double value) {
  ClientMetric m;
  (f.type == MetricType::Counter ? m.counter.value : m.gauge.value) = value;
  f.metric.push_back(std::move(m));
}

constexpr api::GroupPhase kPhases[] = {
    api::GroupPhase::Initializing, api::GroupPhase::Healthy,    api::GroupPhase::Degraded, api::GroupPhase::Switching,
    api::GroupPhase::NoPrimary,    api::GroupPhase::SplitBrain, api::GroupPhase::Paused};

void addMembers(const api::HaGroup& g, MetricFamily& roles, MetricFamily& members, MetricFamily& primaries,
                MetricFamily& lags) {
  size_t ready = 0, primary = 0;
  for (const auto& m : g.status.members) {
    ready += m.ready ? 1 : 0;
    primary += m.role == g.spec->primaryValue ? 1 : 0;
    add(roles, g, m.role == g.spec->primaryValue ? 1 : 0, {{"pod", m.pod}, {"role", "primary"}});
    add(roles, g, m.role == g.spec->standbyValue ? 1 : 0, {{"pod", m.pod}, {"role", "standby"}});
    if (m.lag) add(lags, g, static_cast<double>(*m.lag), {{"pod", m.pod}});
  }
  add(members, g, static_cast<double>(ready), {{"state", "ready"}});
  add(members, g, static_cast<double>(g.status.members.size() - ready), {{"state", "notready"}});
  add(primaries, g, static_cast<double>(primary));
}

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

size_t openFiles() {
  size_t n = 0;
  if (DIR* d = opendir("/proc/self/fd")) {
    while (readdir(d)) ++n;
    closedir(d);
  }
  return n > 3 ? n - 3 : 0;  // ".", ".." and the directory itself
}

/// Fields of /proc/self/stat after the name: state is the first.
std::vector<std::string> statFields() {
  std::ifstream in("/proc/self/stat");
  std::string line;
  std::getline(in, line);
  std::istringstream rest(line.substr(line.rfind(')') == std::string::npos ? 0 : line.rfind(')') + 1));
  std::vector<std::string> fields;
  for (std::string f; rest >> f;) fields.push_back(f);
  return fields;
}

double bootTime() {
  std::ifstream in("/proc/stat");
  for (std::string word; in >> word;)
    if (word == "btime") {
      double t = 0;
      in >> t;
      return t;
    }
  return 0;
}

}  // namespace

std::vector<MetricFamily> groupFamilies(
    const std::function<void(const std::function<void(const api::HaGroup&)>&)>& all) {
  auto roles = family("baton_hagroup_member_role", "1 for the role that the pod's label shows, else 0.");
  auto members = family("baton_hagroup_members", "Members that are ready, and that are not.");
  auto primaries = family("baton_hagroup_primaries", "Members that carry the primary label; not 1 is worth an alert.");
  auto epochs = family("baton_hagroup_epoch", "Rises by one at each grant of the role.");
  auto phases = family("baton_hagroup_phase", "1 for the phase that the group is in, else 0.");
  auto lags = family("baton_hagroup_member_lag", "How far the member is behind the primary, in the probe's own unit.");
  auto limits = family("baton_hagroup_max_lag", "candidatePolicy.maxLag, where it is set.");
  auto blocked = family("baton_hagroup_failover_blocked", "1 while automatic failover is blocked for that reason.");
  all([&](const api::HaGroup& g) {
    addMembers(g, roles, members, primaries, lags);
    add(epochs, g, static_cast<double>(g.status.epoch));
    if (const int64_t most = g.spec->candidatePolicy.maxLag; most >= 0) add(limits, g, static_cast<double>(most));
    for (const auto p : kPhases) add(phases, g, g.status.phase == p ? 1 : 0, {{"phase", std::string(name(p))}});
    if (const auto* c = findCondition(g.status.conditions, "FailoverBlocked"))
      add(blocked, g, c->status == "True" ? 1 : 0, {{"reason", c->reason}});
  });
  return {std::move(roles),  std::move(members), std::move(primaries), std::move(epochs),
          std::move(phases), std::move(lags),    std::move(limits),    std::move(blocked)};
}

std::vector<MetricFamily> processFamilies() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  const auto stat = statFields();
  const auto number = [&](size_t i) { return i < stat.size() ? std::stod(stat[i]) : 0.0; };
  auto cpu = family("process_cpu_seconds_total", "User and system CPU time.", MetricType::Counter);
  add(cpu, seconds(usage.ru_utime) + seconds(usage.ru_stime));
  auto rss = family("process_resident_memory_bytes", "Resident memory.");
  add(rss, number(21) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  auto virt = family("process_virtual_memory_bytes", "Virtual memory.");
  add(virt, number(20));
  auto threads = family("process_threads", "Threads.");
  add(threads, number(17));
  auto start = family("process_start_time_seconds", "When the process began, in seconds since 1970.");
  add(start, bootTime() + number(19) / static_cast<double>(sysconf(_SC_CLK_TCK)));
  auto open = family("process_open_fds", "Open files.");
  add(open, static_cast<double>(openFiles()));
  auto most = family("process_max_fds", "The limit of open files.");
  add(most, static_cast<double>(files.rlim_cur));
  return {std::move(cpu),   std::move(rss),  std::move(virt), std::move(threads),
          std::move(start), std::move(open), std::move(most)};
}

}  // namespace baton::reconcile
