#include "unit/ha/script.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "ha/active.h"
#include "unit/ha/trace.h"

namespace baton::ha::test {
namespace {

std::vector<std::string> list(const std::string& s) {
  std::vector<std::string> all;
  std::istringstream in(s);
  for (std::string one; std::getline(in, one, ',');) all.push_back(one);
  return all;
}

api::HookKind hookKind(const std::string& word) {
  for (const auto k : api::kHookKinds)
    if (api::name(k) == word) return k;
  throw std::invalid_argument("no hook " + word);
}

api::CrossZone crossZone(const std::string& s) {
  return s == "Prefer"    ? api::CrossZone::Prefer
         : s == "Require" ? api::CrossZone::Require
         : s == "Forbid"  ? api::CrossZone::Forbid
                          : api::CrossZone::Allow;
}

api::FailoverMode failoverMode(const std::string& s) {
  return s == "Automatic" ? api::FailoverMode::Automatic
         : s == "Observe" ? api::FailoverMode::Observe
                          : api::FailoverMode::Manual;
}

std::shared_ptr<const api::Hooks> hooksOf(const std::string& words) {
  auto hooks = std::make_shared<api::Hooks>();
  for (const auto& word : list(words)) hooks->all[static_cast<size_t>(hookKind(word))] = api::Hook{};
  return hooks;
}

void readLabel(Member& m, const std::string& value) {
  const size_t at = value.find('@');
  const std::string word = value.substr(0, at);
  m.label = word == "primary"   ? Label::Primary
            : word == "standby" ? Label::Standby
            : word == "none"    ? Label::None
                                : Label::Other;
  m.labelEpoch = at == std::string::npos ? -1 : std::stol(value.substr(at + 1));
}

}  // namespace

/// group members=a,b,c [primary=a epoch=3] and all that `spec` knows. A group with a primary begins settled.
void Script::group(const Words& w) {
  close();
  world_ = std::make_unique<World>();
  scenario_ = w.command;
  for (const auto& name : list(w.get("members", "a,b,c"))) world_->addMember(name);
  change(w);
  const std::string primary = w.get("primary");
  if (!primary.empty()) {
    auto& st = world_->s.group.status;
    st.primary = primary;
    st.epoch = std::stol(w.get("epoch", "3"));
    st.primaryUid = world_->find(primary)->uid;
    world_->inside[primary].primary = true;
    for (auto& m : world_->s.members) {
      m.label = m.name == primary ? Label::Primary : Label::Standby;
      m.labelEpoch = st.epoch;
    }
    world_->settle();
  }
  world_->writes = {};
  world_->events = world_->joint = 0;
  if (prepare_) prepare_(*world_);
  world_->log = [this](const std::string& line) { out_ += line + "\n"; };
}

/// "isolated", "storm", "full", or anything else for none of them.
void Script::fleet(const std::string& word) {
  world_->s.fleet = {word == "isolated", word == "storm", word == "full", "the fleet is " + word};
}

/// spec: changes the group's spec.
void Script::change(const Words& w) {
  auto& spec = world_->spec;
  for (const auto& [k, v] : w.named) {
    if (k == "hooks") spec.hooks = hooksOf(v);
    if (k == "bootstrap") spec.bootstrap = v == "Manual" ? api::Bootstrap::Manual : api::Bootstrap::Automatic;
    if (k == "maxLag") spec.candidatePolicy.maxLag = std::stol(v);
    if (k == "crossZone") spec.candidatePolicy.crossZone = crossZone(v);
    if (k == "minInterval") spec.switchover.minIntervalSeconds = std::stoi(v);
    if (k == "catchUp") spec.switchover.catchUpTimeoutSeconds = std::stoi(v);
    if (k == "error") spec.error = v;
    if (k == "contested") world_->s.contested = list(v);
    if (k == "paused") spec.paused = v == "true";
    if (k == "enabled") spec.switchover.enabled = v == "true";
    if (k == "routed") world_->s.routed = v == "true";
    if (k == "failover") spec.failover.mode = failoverMode(v);
    if (k == "delay") spec.failover.delaySeconds = std::stoi(v);
    if (k == "cooldown") spec.failover.minIntervalSeconds = std::stoi(v);
    if (k == "perHour") spec.failover.maxPerHour = std::stoi(v);
    if (k == "failBack") spec.failover.failBack = {true, std::stoi(v)};
    if (k == "source")
      spec.detection.source = v == "Probe" ? api::DetectionSource::Probe : api::DetectionSource::Readiness;
    if (k == "fleet") fleet(v);
    if (k == "fencingRequired") spec.failover.fencing.required = v == "true";
    if (k == "fencing")
      for (const auto& step : list(v))
        spec.failover.fencing.steps.push_back(
            {step == "DeletePod" ? api::FenceStep::DeletePod : api::FenceStep::FenceHook, 30});
  }
  world_->specChanged();
}

/// What the detector says of a pod: seen=ok, seen=claims, seen=failed, seen=silent; by what its probe says at that
/// time.
void Script::see(Member& m, const std::string& word) {
  const Inside& in = world_->inside[m.name];
  m.seen = {};
  m.seen.answers = word == "ok" || word == "claims";
  m.seen.silent = word == "silent";
  m.seen.failed = word == "silent" || word == "failed";
  m.seen.last = Report{in.primary, {}, in.healthy};
  if (in.tellsPosition) m.seen.last->position = in.positions.front();
  if (word == "claims") m.seen.claims = 2;
  if (m.seen.failed) m.seen.why = "connection refused";
}

/// member NAME [zone= priority= label=primary@7 ready= cordoned= terminating= finished= nodeGone= seen= since=-300s
/// age= ends= followed= gone recreated outside]
void Script::member(const Words& w) {
  const std::string& pod = w.at(0);
  if (w.has("gone")) return world_->removePod(pod);
  if (w.has("outside")) return world_->leave(pod);
  if (w.has("recreated")) world_->recreatePod(pod);
  Member& m = world_->find(pod) ? *world_->find(pod) : world_->addMember(pod);
  for (const auto& [k, v] : w.named) {
    if (k == "zone") m.zone = v;
    if (k == "priority") m.priorityLabel = v;
    if (k == "ready") m.ready = v == "true";
    if (k == "seen") see(m, v);
    if (k == "ends") m.ends = std::stoi(v);
    if (k == "followed") m.endsWhenFollowed = std::stoi(v);
    if (k == "age") m.created = world_->s.now - duration(v);
    if (k == "since") m.readySince = world_->s.now + duration(v);
    if (k == "nodeGone") m.nodeGone = v == "true";
    if (k == "cordoned") m.cordoned = v == "true";
    if (k == "terminating") m.terminating = v == "true";
    if (k == "finished") m.finished = v == "true", m.ready = m.ready && !m.finished;
    if (k == "label") {
      Member like;
      readLabel(like, v);
      world_->foreignLabel(pod, like.label, like.labelEpoch);
    }
  }
}

/// request NAME [mode= candidate= zone= expected= at= deadline= timeout= ttl= age= hold dryRun cancel failBack]; with
/// phase= from= to= epoch= it is found in that state; shown: the group shows it as active.
void Script::request(const Words& w) {
  auto& r = world_->addRequest(w.at(0));
  r.spec.mode = w.get("mode") == "Forced" ? api::Mode::Forced : api::Mode::Planned;
  r.spec.candidate = w.get("candidate");
  r.spec.candidateZone = w.get("zone");
  r.spec.expectedPrimary = w.get("expected");
  if (w.named.count("at")) r.spec.scheduledAt = world_->s.now + duration(w.get("at"));
  r.spec.startDeadlineSeconds = std::stoi(w.get("deadline", "600"));
  r.spec.timeoutSeconds = std::stoi(w.get("timeout", "120"));
  r.spec.ttlSecondsAfterFinished = std::stol(w.get("ttl", "86400"));
  r.spec.onFailure = w.has("hold") ? api::OnFailure::Hold : api::OnFailure::RollBack;
  r.spec.dryRun = w.has("dryRun");
  r.spec.cancel = w.has("cancel");
  r.spec.failBack = w.has("failBack");
  r.meta.created -= duration(w.get("age", "0s"));
  r.status.phase = api::phaseOf(w.get("phase"));
  r.status.from = w.get("from");
  r.status.to = w.get("to");
  r.status.epoch = std::stol(w.get("epoch", "0"));
  if (api::started(r.status.phase)) r.status.start = r.meta.created;
  if (w.has("shown")) show(world_->s.group.status, r);
  seen_[w.at(0)] = r.status.phase;
}

/// hook EFFECT POD ok|fail|hang|gone ["message"] [times=N] [took=2s]; any effect's name will do, and * as a pod.
void Script::answer(const Words& w) {
  const std::string& kind = w.at(2);
  Answer a;
  a.kind = kind == "fail"   ? Answer::Kind::Fail
           : kind == "hang" ? Answer::Kind::Hang
           : kind == "gone" ? Answer::Kind::Gone
                            : Answer::Kind::Ok;
  if (w.plain.size() > 3) a.message = w.at(3);
  if (kind == "gone") a.message = "pod " + w.at(1) + " is gone";
  a.times = std::stoi(w.get("times", "-1"));
  if (w.named.count("took")) a.took = std::chrono::duration_cast<std::chrono::milliseconds>(duration(w.get("took")));
  world_->answers[{w.at(0), w.at(1)}] = a;
}

/// inside POD [primary=true] [position=90,100] [healthy=false] [mute]: what its probe says.
void Script::inside(const Words& w) {
  Inside& in = world_->inside[w.at(0)];
  if (w.named.count("primary")) in.primary = w.get("primary") == "true";
  if (w.named.count("healthy")) in.healthy = w.get("healthy") == "true";
  if (w.named.count("position")) in.tellsPosition = true;
  if (w.has("mute")) in.tellsPosition = false;
  if (!w.named.count("position")) return;
  in.positions.clear();
  for (const auto& p : list(w.get("position"))) in.positions.push_back(std::stol(p));
}

void Script::watch() {
  for (const auto& r : world_->s.requests) {
    api::Phase& before = seen_[r.meta.name];
    if (before != r.status.phase) transitions.emplace(before, r.status.phase);
    before = r.status.phase;
    reasons.insert(r.status.reason);
  }
}

/// run [until REQUEST PHASE | until EFFECT POD]: until nothing is to be done at once; or until that phase is stored, or
/// that effect is under way.
void Script::runUntil(const Words& w) {
  world_->forgetStarted();
  const auto stop = [&] {
    watch();
    if (!w.has("until")) return false;
    if (world_->started(w.at(1) + " " + w.at(2))) return true;
    const auto* r = world_->request(w.at(1));
    return r && r->status.phase != api::Phase::None && name(r->status.phase) == w.at(2);
  };
  if (w.command == "advance")
    world_->run(world_->s.now + duration(w.at(0)), stop);
  else
    world_->settle(stop);
  watch();
  if (!w.has("until")) out_ += stateText(world_->s);
}

bool Script::other(const Words& w) {
  if (w.command == "count") {
    const auto& n = world_->writes;
    out_ += "writes: requests " + std::to_string(n.requests) + ", group " + std::to_string(n.groups) + ", pods " +
            std::to_string(n.pods) + "\n";
  } else if (w.command == "cancel") {
    world_->request(w.at(0))->spec.cancel = true;
  } else if (w.command == "delete") {
    world_->removeRequest(w.at(0));
  } else if (w.command == "clock") {
    world_->turnClock(duration(w.at(0)));
  } else if (w.command == "crash") {
    world_->crash();
  } else if (w.command == "loose") {
    loose_ = true;
  } else if (w.command == "delete-group") {
    world_->s.group.meta.deleted = world_->s.now;
  } else if (w.command == "remake-group") {
    world_->s.group.meta.uid += "'";
    world_->s.group.status = {};
  } else {
    return false;
  }
  return true;
}

void Script::command(const Words& w) {
  if (w.command == "group") return group(w);
  if (!world_) throw std::invalid_argument("a scenario begins with group");
  if (w.command == "spec") return change(w);
  if (w.command == "member") return member(w);
  if (w.command == "request") return request(w);
  if (w.command == "hook") return answer(w);
  if (w.command == "inside") return inside(w);
  if (w.command == "run" || w.command == "advance") return runUntil(w);
  if (!other(w)) throw std::invalid_argument("no command " + w.command);
}

std::string Script::run(const std::vector<std::string>& commands) {
  out_.clear();
  for (const auto& line : commands) {
    if (line.rfind("group", 0) == 0) close();
    command(split(line));
    if (line.rfind("group", 0) == 0) scenario_ = line;
  }
  return out_;
}

void Script::close() {
  if (!world_) return;
  if (prepare_) world_->run(world_->s.now + std::chrono::seconds(1000));
  End e{scenario_, loose_, {}};
  for (const auto& r : world_->s.requests)
    e.requests[r.meta.name] = api::finished(r.status.phase)
                                  ? std::string(name(r.status.phase)) + " " + std::string(name(r.status.reason))
                                  : "";
  ends.push_back(std::move(e));
  for (const auto& v : world_->violations) violations.push_back(scenario_ + ": " + v);
  events += world_->events;
  joint += world_->joint;
  world_.reset();
  loose_ = false;
  seen_.clear();
}

}  // namespace baton::ha::test
