// switchover and failover: a SwitchoverRequest, and what becomes of it.
#include <condition_variable>
#include <mutex>

#include "cli/commands.h"
#include "kube/reflector.h"
#include "reconcile/decoders.h"

namespace baton::cli {
namespace {

using api::Json;
using api::Phase;
using Request = std::shared_ptr<const api::SwitchoverRequest>;

Json body(const Options& o) {
  Json spec = {{"groupRef", {{"name", o.group}}}, {"mode", o.command == "failover" ? "Forced" : "Planned"}};
  if (!o.to.empty()) spec["candidate"] = o.to;
  if (!o.zone.empty()) spec["candidateZone"] = o.zone;
  if (!o.reason.empty()) spec["reason"] = o.reason;
  if (o.dryRun) spec["dryRun"] = true;
  if (o.timeout.count() > 0) spec["timeoutSeconds"] = o.timeout.count();
  return {{"apiVersion", "ha.baton.dev/v1alpha1"},
          {"kind", "SwitchoverRequest"},
          {"metadata", {{"generateName", o.group + "-"}}},
          {"spec", std::move(spec)}};
}

/// The request as the watch tells it.
class Follower {
 public:
  Follower(Cluster& cluster, const api::Meta& meta)
      : reflector_(cluster.client(), cluster.timers(), Clock::real(), options(meta), reconcile::requestDecoder(),
                   sink()) {
    reflector_.start();
  }
  /// The next version; nothing: the time is over. Null: it was deleted.
  std::optional<Request> next(Steady until) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_until(lock, until, [&] { return dirty_; })) return std::nullopt;
    dirty_ = false;
    return newest_;
  }

 private:
  static kube::ReflectorOptions options(const api::Meta& meta) {
    kube::ReflectorOptions o;
    o.watch.resource = kube::resources::switchoverRequests;
    o.watch.ns = meta.ns;
    o.watch.fieldSelector = "metadata.name=" + meta.name;
    return o;
  }
  kube::Sink<api::SwitchoverRequest> sink() {
    kube::Sink<api::SwitchoverRequest> s;
    s.replace = [this](std::vector<Request> all, uint64_t) { take(all.empty() ? nullptr : all.front()); };
    s.apply = [this](kube::EventType type, Request r) {
      take(type == kube::EventType::Deleted ? nullptr : std::move(r));
    };
    return s;
  }
  void take(Request r) {
    const std::lock_guard lock(mutex_);
    newest_ = std::move(r);
    dirty_ = true;
    changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Request newest_;
  bool dirty_ = false;
  kube::Reflector<api::SwitchoverRequest> reflector_;  // last: it calls the others until it is gone
};

std::string candidates(const api::SwitchoverStatus& st, const Paint& paint) {
  Table table;
  for (const auto& c : st.candidates)
    table.add({c.eligible ? paint(Ink::Good, c.pod) : paint(Ink::Dim, c.pod), c.reason});
  return table.text("  ");
}

/// What has happened, a line for each step that has begun or ended.
std::string steps(const api::SwitchoverRequest& r, const Paint& paint, Time now) {
  Table table;
  for (const auto& s : r.status.steps) {
    if (s.state == api::StepState::Pending) continue;
    const bool done = s.state == api::StepState::Done, failed = s.state == api::StepState::Failed;
    const std::string mark = done                                 ? paint(Ink::Good, "✓")
                             : failed                             ? paint(Ink::Bad, "✗")
                             : s.state == api::StepState::Skipped ? "-"
                                                                  : paint(Ink::Warn, "…");
    std::string took;
    if (s.start && s.state != api::StepState::Skipped) took = duration(s.end.value_or(now) - *s.start);
    table.add({mark + " " + s.name, took, s.message});
  }
  return table.text("  ");
}

int exitOf(Phase p) {
  if (p == Phase::Succeeded) return kDone;
  return p == Phase::Rejected ? kRefused : kFailed;
}

std::string outcome(const api::SwitchoverRequest& r, const Paint& paint) {
  const auto& st = r.status;
  std::string text = paint.phase(api::name(st.phase));
  if (st.reason != api::Reason::None) text += ": " + std::string(api::name(st.reason));
  if (!st.message.empty()) text += (st.reason == api::Reason::None ? ": " : ", ") + st.message;
  if (st.unavailableMilliseconds && !r.spec.dryRun)
    text += " Without a primary for " + duration(std::chrono::milliseconds(*st.unavailableMilliseconds)) + ".";
  return text + "\n";
}

/// Longer than Baton itself takes: its own limit, and what it waits for after that.
Steady patience(const Options& o) {
  const auto limit = o.timeout.count() > 0 ? o.timeout : std::chrono::seconds(120);
  return Clock::real().steady() + limit + std::chrono::seconds(130);
}

/// A controller says something of each request at once; a new leader after the time of the Lease.
constexpr std::chrono::seconds kUnseen{30};

bool looked(const Request& r) { return r && r->status.phase != Phase::None; }

int overdue(const Request& last) {
  std::fprintf(stderr, "error: the request has not ended; %s\n",
               looked(last) ? ("it is " + std::string(api::name(last->status.phase))).c_str()
                            : "no controller has looked at it: does Baton run, and look after this namespace?");
  return kTimedOut;
}

/// Shows each phase as it comes; the exit code of the end.
int follow(const Options& o, Cluster& cluster, const api::Meta& meta) {
  Follower follower(cluster, meta);
  Live live(stdout);
  const Paint paint(useColors(o.color, stdout));
  const Steady until = patience(o), unseen = Clock::real().steady() + kUnseen;
  Request last;
  std::string shown;
  while (true) {
    const auto tick = Clock::real().steady() + std::chrono::milliseconds(live.terminal() ? 100 : 3600000);
    auto r = follower.next(std::min(tick, looked(last) ? until : unseen));
    if (r && !*r) {
      std::fprintf(stderr, "error: the request %s was deleted\n", meta.name.c_str());
      return kFailed;
    }
    if (r) last = *r;
    const bool ended = last && api::finished(last->status.phase);
    if (last && (live.terminal() || ended)) {
      const std::string text = steps(*last, paint, Clock::real().now());
      if (text != shown) live.show(text);
      shown = text;
    } else if (r && looked(last)) {
      const std::string line = std::string(api::name(last->status.phase)) + "\n";  // one line a phase, for a log
      if (line != shown) std::fputs(line.c_str(), stdout), std::fflush(stdout);
      shown = line;
    }
    if (ended) {
      if (o.dryRun) std::fputs(candidates(last->status, paint).c_str(), stdout);
      std::fputs(outcome(*last, paint).c_str(), stdout);
      return exitOf(last->status.phase);
    }
    if (Clock::real().steady() >= (looked(last) ? until : unseen)) return overdue(last);
  }
}

}  // namespace

int switchover(const Options& o, Cluster& cluster) {
  // Without this a request for a group that is not there would wait for it.
  if (auto g = cluster.get(kube::resources::haGroups, cluster.ns(), o.group); !g) return failed(g.error());
  auto made = cluster.create(kube::resources::switchoverRequests, cluster.ns(), body(o));
  if (!made) return failed(made.error());
  const api::Meta meta = api::metaFromJson((*made)["metadata"]);
  std::printf("switchoverrequest/%s made\n", meta.name.c_str());
  std::fflush(stdout);
  if (!o.wait && !o.dryRun) return kDone;
  return follow(o, cluster, meta);
}

}  // namespace baton::cli
