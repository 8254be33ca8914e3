#include "sim/simulation.h"

#include <algorithm>
#include <utility>

namespace baton::sim {
namespace {

/// So long after the last fault everything must be well again: the time limits of requests and of ways back, one after
/// another.
constexpr Micros kRest = 20 * kMinute;
/// A run has some thousands; one that is left to itself for all of kRest, forty thousand.
constexpr uint64_t kMostEvents = 160'000;

Json hookJson(const char* name, const GroupOptions& g) {
  return {{"http", {{"port", 8080}, {"path", std::string("/") + name}}},
          {"timeoutSeconds", g.hookSeconds},
          {"retries", g.hookRetries}};
}

Json specJson(const GroupOptions& g) {
  Json spec = {{"selector", {{"matchLabels", {{"app", "db"}}}}}};
  const std::pair<bool, const char*> hooks[] = {{g.probe, "probe"},     {g.demote, "demote"},
                                                {g.promote, "promote"}, {g.follow, "follow"},
                                                {g.fence, "fence"},     {g.disconnect, "disconnect"}};
  for (const auto& [is, name] : hooks)
    if (is) spec["hooks"][name] = hookJson(name, g);
  if (g.bootstrapByHand) spec["bootstrap"] = "Manual";
  if (g.detected)
    spec["detection"] = {{"source", "Probe"},
                         {"periodSeconds", g.period},
                         {"timeoutSeconds", g.timeout},
                         {"failureThreshold", g.threshold}};
  spec["failover"] = {
      {"delaySeconds", g.failoverDelay}, {"minIntervalSeconds", g.failoverPause}, {"maxPerHour", g.failoversPerHour}};
  spec["switchover"]["catchUpTimeoutSeconds"] = g.catchUpSeconds;
  if (g.maxLag >= 0) spec["candidatePolicy"]["maxLag"] = g.maxLag;
  Json& fencing = spec["failover"]["fencing"];
  fencing["required"] = g.fencingRequired;
  fencing["steps"] = Json::array();
  if (g.fenceHook) fencing["steps"].push_back({{"type", "FenceHook"}, {"timeoutSeconds", 3}});
  if (g.deletePod) fencing["steps"].push_back({{"type", "DeletePod"}, {"timeoutSeconds", 8}});
  return spec;
}

}  // namespace

Simulation::Simulation(const Plan& plan, bool traced)
    : plan_(plan),
      random_(plan.seed),
      trace_(scheduler_, traced),
      server_(scheduler_),
      cluster_(scheduler_, server_, trace_, plan_.cluster, random_.fork(1)),
      checks_(scheduler_, server_, cluster_, trace_, plan_) {
  cluster_.writeEvery = plan_.writeEvery;
  checks_.holders = [this] {
    std::vector<std::string> all;
    for (Seat& seat : seats_)
      if (!seat.runs.empty() && seat.newest().holdsLease()) all.push_back(seat.machine->name);
    return all;
  };
}

Simulation::~Simulation() {
  for (Seat& seat : seats_) seat.runs.clear();
  scheduler_.clear();
}

void Simulation::makeGroup() {
  server_.put("hagroups",
              {{"apiVersion", "ha.baton.dev/v1alpha1"},
               {"kind", "HaGroup"},
               {"metadata", {{"name", "g"}}},
               {"spec", specJson(plan_.group)}},
              "user");
}

void Simulation::begin(Seat& seat) {
  const GroupOptions& g = plan_.group;
  const Surroundings around{scheduler_, server_, cluster_,
                            trace_,     checks_, {g.period * kSecond, g.timeout * kSecond, g.threshold}};
  seat.runs.push_back(std::make_unique<Controller>(around, *seat.machine, static_cast<int>(seat.runs.size())));
  seat.backAt = -1;
  seat.newest().start();
}

/// A process that is dead is started again, as a Deployment does.
void Simulation::revive() {
  for (Seat& seat : seats_) {
    if (seat.newest().alive()) continue;
    if (seat.backAt < 0) seat.backAt = scheduler_.now() + random_.between(100, 4000) * kMillisecond;
    if (scheduler_.now() >= seat.backAt || calm_) begin(seat);
  }
  scheduler_.after(200 * kMillisecond, [this] { revive(); });
}

bool Simulation::runUntil(Micros when) {
  while (!checks_.violation() && scheduler_.step(when))
    if (scheduler_.events() > kMostEvents) checks_.neverRested("it works without end, and comes to nothing");
  return !checks_.violation();
}

Outcome Simulation::run() {
  makeGroup();
  cluster_.start();
  for (int i = 0; i < plan_.controllers; ++i) {
    const std::string name = "ctl-" + std::to_string(i);
    seats_.push_back(
        {std::make_unique<Machine>(scheduler_, name, random_.fork(10 + static_cast<uint64_t>(i))), {}, -1});
    begin(seats_.back());
  }
  revive();
  for (const Happening& h : plan_.happenings) scheduler_.at(h.when, [this, h] { happen(h); });
  scheduler_.after(10 * kSecond, [this] { operate(); });
  if (runUntil(plan_.lasting)) {
    calmDown();
    comeToRest();
  }
  return {checks_.violation(), scheduler_.events(), scheduler_.now(), checks_.ends(), trace_.take()};
}

void Simulation::calmDown() {
  calm_ = true;
  trace_.tell("", [] { return "-- from here on nothing goes wrong any more"; });
  const Micros now = scheduler_.now();
  server_.downUntil = 0;
  for (Seat& seat : seats_) {
    seat.machine->strike = nullptr;
    for (Link* link : {&seat.machine->api, &seat.machine->pods}) {
      link->calmAt = 0;
      link->cutUntil = std::min(link->cutUntil, now);
      link->deafUntil = std::min(link->deafUntil, now);
      link->stalledUntil = std::min(link->stalledUntil, now);
    }
  }
}

void Simulation::comeToRest() {
  const Micros limit = scheduler_.now() + kRest;
  while (runUntil(scheduler_.now() + kSecond)) {
    const std::string why = checks_.restless();
    if (why.empty()) return;
    if (scheduler_.now() >= limit) return checks_.neverRested(why);
  }
}

void Simulation::operate() {
  scheduler_.after(5 * kSecond, [this] { operate(); });
  if (scheduler_.now() < lastHelp_ + 30 * kSecond) return;
  for (const auto& r : checks_.requests())
    if (!api::finished(r.status.phase)) return;
  const auto g = checks_.group().status;
  const Member* m = cluster_.find(g.primary);
  const auto labelled = checks_.labelled();
  const bool fine =
      m && m->running && labelled.size() == 1 && labelled[0] == g.primary && (!plan_.group.promote || m->accepting);
  // Held for a person, or nobody is fit: that is what he is for.
  const auto says = [&](const char* type, std::string_view reason) {
    const api::Condition* c = api::findCondition(g.conditions, type);
    return c && c->status == "True" && (reason.empty() || c->reason.get() == reason);
  };
  const bool alone = calm_ && plan_.group.unaided() && !says("Held", "") && !says("FailoverBlocked", "NoCandidate");
  if (fine || alone || scheduler_.now() < 40 * kSecond) return;
  lastHelp_ = scheduler_.now();
  Json spec = {{"groupRef", {{"name", "g"}}}, {"mode", "Forced"}, {"timeoutSeconds", 60}};
  if (g.epoch == 0 && !cluster_.members().empty()) spec["candidate"] = cluster_.members().begin()->first;
  server_.put("switchoverrequests", {{"metadata", {{"name", "help-" + std::to_string(++requests_)}}}, {"spec", spec}},
              "user");
}

Outcome simulate(const Plan& plan, bool traced) {
  Simulation s(plan, traced);
  return s.run();
}

}  // namespace baton::sim
