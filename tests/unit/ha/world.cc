#include "unit/ha/world.h"

#include <algorithm>
#include <stdexcept>

#include "unit/ha/trace.h"

namespace baton::ha::test {

using api::HookKind;
using Kind = EffectId::Kind;

namespace {

constexpr int kMostSteps = 20000;
/// What is repeated more often than this is not told each time.
constexpr int kTold = 3;

bool isLabel(Kind k) { return k == Kind::SetPrimary || k == Kind::SetStandby || k == Kind::MarkFollowed; }

}  // namespace

World::World() {
  s.now = *parseTime("2026-01-01T00:00:00Z");
  s.group.meta = {"default", "g", "g-uid", 1, 1, s.now, {}};
  spec.hooks = std::make_shared<const api::Hooks>();
  spec.failover.mode = api::FailoverMode::Manual;  // unless a scenario is about failover
  specChanged();
}

void World::specChanged() {
  s.group.spec = std::make_shared<const api::HaGroupSpec>(spec);
  ++s.group.meta.generation;
}

Member& World::addMember(const std::string& name) {
  Member m;
  m.name = name;
  m.uid = name + "-" + std::to_string(++born_[name]);
  m.ready = true;
  m.created = s.now;
  inside[name] = Inside{};
  const auto at =
      std::find_if(s.members.begin(), s.members.end(), [&](const Member& other) { return other.name > name; });
  return *s.members.insert(at, std::move(m));
}

Member* World::find(const std::string& name) {
  for (auto& m : s.members)
    if (m.name == name) return &m;
  return nullptr;
}

void World::removePod(const std::string& name) {
  s.members.erase(std::remove_if(s.members.begin(), s.members.end(), [&](const Member& m) { return m.name == name; }),
                  s.members.end());
  foreign_.erase(name);
}

void World::leave(const std::string& name) {
  s.outside = *find(name);
  removePod(name);
}

Member* World::pod(const std::string& name) { return s.outside && s.outside->name == name ? &*s.outside : find(name); }

void World::recreatePod(const std::string& name) {
  const Member* old = find(name);
  const std::string zone = old ? old->zone : "", priority = old ? old->priorityLabel : "";
  removePod(name);
  Member& m = addMember(name);
  m.zone = zone;
  m.priorityLabel = priority;
}

api::SwitchoverRequest& World::addRequest(const std::string& name) {
  api::SwitchoverRequest r;
  r.meta = {"default", name, name + "-uid", 1, 1, s.now, {}};
  r.trigger = "user";
  r.spec.group = s.group.meta.name;
  s.requests.push_back(std::move(r));
  return s.requests.back();
}

api::SwitchoverRequest* World::request(const std::string& name) {
  for (auto& r : s.requests)
    if (r.meta.name == name) return &r;
  return nullptr;
}

void World::removeRequest(const std::string& name) {
  s.requests.erase(
      std::remove_if(s.requests.begin(), s.requests.end(), [&](const auto& r) { return r.meta.name == name; }),
      s.requests.end());
  followProgress();
}

void World::foreignLabel(const std::string& pod, Label label, int64_t epoch) {
  Member* m = find(pod);
  if (!m) return;
  m->label = label;
  m->labelEpoch = epoch;
  if (label == Label::Primary)
    foreign_[pod] = s.now;
  else
    foreign_.erase(pod);
}

void World::turnClock(std::chrono::microseconds by) {
  s.now += by;
  for (auto& [id, r] : running_) r.end += by;
}

void World::crash() {
  s.progress = {};
  running_.clear();
  followProgress();
  say([] { return "CRASH"; });
}

const api::SwitchoverRequest* World::active() const {
  const api::SwitchoverRequest* first = nullptr;
  const auto rank = [](const api::SwitchoverRequest& r) { return std::tie(r.meta.created, r.meta.name); };
  for (const auto& r : s.requests)
    if (api::started(r.status.phase) && !r.meta.deleted && (!first || rank(r) < rank(*first))) first = &r;
  return first;
}

/// What belongs to another request, phase or grant than the present one is dropped.
void World::followProgress() {
  const api::SwitchoverRequest* r = active();
  const std::string uid = r ? r->meta.uid : "";
  const api::Phase phase = r ? r->status.phase : api::Phase::None;
  const int64_t epoch = r ? 0 : s.group.status.epoch;
  const Progress& p = s.progress;
  if (p.requestUid == uid && p.phase == phase && p.epoch == epoch) return;
  s.progress = {uid, phase, {}, epoch};
  running_.clear();
}

void World::tick() {
  if (events++ == crashAt) crash();
}

void World::say(const std::function<std::string()>& line) {
  if (log) log(stamp(s.now) + " " + line());
}

Answer World::answerFor(const EffectId& id) {
  for (const auto& pod : {id.pod, std::string("*")}) {
    const auto found = answers.find({effectName(id), pod});
    if (found == answers.end()) continue;
    Answer a = found->second;
    if (found->second.times > 0 && --found->second.times == 0) answers.erase(found);
    return a;
  }
  Answer a;
  if (id.kind != Kind::Hook) a.took = std::chrono::milliseconds(5);
  return a;
}

void World::begin(const Effect& e) {
  if (e.id.round <= kTold) say([&] { return "  " + startText(e); });
  if (e.id.round == kTold + 1) say([&] { return "  " + effectText(e.id) + " ..."; });
  if (s.progress.effects.count(e.id) && s.progress.effects[e.id].running()) violation("started twice");
  ++startedNow_[effectText(e.id)];
  if (e.id.kind == Kind::Hook) checkHook(e);
  EffectResult r;
  r.start = s.now;
  r.listener = e.listener;
  s.progress.effects[e.id] = r;
  Answer a = answerFor(e.id);
  if (const api::Hook* hook = e.id.kind == Kind::Hook ? spec.hook(e.id.hook) : nullptr;
      hook && a.kind == Answer::Kind::Hang) {
    a.kind = Answer::Kind::Fail;
    const int seconds = e.timeoutSeconds > 0 ? e.timeoutSeconds : hook->timeoutSeconds;
    a.took = std::chrono::seconds(seconds) * (e.tries > 0 ? e.tries : hook->retries + 1);
    a.message = "no answer within " + std::to_string(seconds) + " s";
  }
  running_[e.id] = {e, a, s.now + a.took};
}

void World::finish(EffectId id) {
  const Running done = running_.at(id);
  running_.erase(id);
  EffectResult r;
  r.start = s.progress.effects[id].start;
  r.listener = done.effect.listener;
  r.end = s.now;
  const api::Hook* hook = id.kind == Kind::Hook ? spec.hook(id.hook) : nullptr;
  r.attempts = 1;
  r.message = done.answer.message;
  if (!pod(id.pod) && id.kind != Kind::DeletePod) {
    r.state = EffectResult::State::Failed;
    r.podGone = true;
    r.message = "pod " + id.pod + " is gone";
  } else if (done.answer.kind == Answer::Kind::Ok) {
    land(done.effect, r);
  } else {
    r.state = EffectResult::State::Failed;
    r.podGone = done.answer.kind == Answer::Kind::Gone;
    if (r.podGone) removePod(id.pod);
    if (hook) r.attempts = done.effect.tries > 0 ? done.effect.tries : hook->retries + 1;
  }
  if (r.failed() && id.round <= kTold) say([&] { return "  failed: " + effectText(id) + ": " + r.message; });
  s.progress.effects[id] = r;  // only now: the store shows already what the effect has changed
  tick();
}

void World::setLabel(const Effect& e, Member& m, Label label) {
  ++writes.pods;
  foreign_.erase(m.name);
  m.label = label;
  if (e.id.kind != Kind::SetStandby) m.labelEpoch = e.epoch;  // a label that is taken away leaves the epoch
  if (e.id.kind == Kind::MarkFollowed) m.endsWhenFollowed = e.listener.ends;
  // Without a hook it is the label that a process looks at.
  if (!spec.hook(label == Label::Primary ? HookKind::Promote : HookKind::Demote))
    inside[m.name].primary = label == Label::Primary;
  if (label != Label::Primary) return;
  const Time since = s.progress.effects[e.id].start;
  for (const auto& other : s.members) {
    if (other.name == m.name || other.label != Label::Primary) continue;
    const auto f = foreign_.find(other.name);
    if (f == foreign_.end() || f->second < since) violation("two primary labels: " + m.name + " and " + other.name);
  }
}

void World::land(const Effect& e, EffectResult& r) {
  Member* m = pod(e.id.pod);
  r.state = EffectResult::State::Done;
  if (e.id.kind == Kind::Hook) {
    landHook(e, *m, r);
  } else if (isLabel(e.id.kind)) {
    setLabel(e, *m, e.id.kind == Kind::SetPrimary ? Label::Primary : Label::Standby);
  } else if (e.id.kind == Kind::DeletePod) {
    removePod(e.id.pod);
  }
}

void World::landHook(const Effect& e, Member& m, EffectResult& r) {
  Inside& in = inside[m.name];
  if (e.id.hook == HookKind::Promote) in.primary = true;
  if (e.id.hook == HookKind::Demote || e.id.hook == HookKind::Follow || e.id.hook == HookKind::Fence)
    in.primary = false;
  if (e.id.hook == HookKind::Follow) in.positions = {inside[e.primary].positions.back()};
  if (e.id.hook != HookKind::Probe) return;
  r.report = Report{in.primary, {}, in.healthy};
  if (in.tellsPosition) r.report->position = in.positions.front();
  if (in.positions.size() > 1) in.positions.erase(in.positions.begin());
}

void World::storeRequest(const RequestWrite& w, const std::optional<api::HaGroupStatus>& with) {
  api::SwitchoverRequest* r = request(w.request);
  if (!r) return violation("a request is written that does not exist: " + w.request);
  if (api::finished(r->status.phase)) violation(w.request + " is written after its end");
  ++writes.requests;
  say([&] { return requestText(*r, w.status); });
  if (api::finished(w.status.phase)) checkEnd(w, with ? *with : s.group.status);
  r->status = w.status;
}

void World::storeGroup(const api::HaGroupStatus& g) {
  const api::HaGroupStatus& old = s.group.status;
  ++writes.groups;
  say([&] { return groupText(g); });
  const bool granted =
      !g.primary.empty() && (g.primary != old.primary || (g.primaryUid != old.primaryUid && !old.primaryUid.empty()));
  const Member* m = s.member(g.primary);
  const bool adopted = m && m->label == Label::Primary && m->labelEpoch == g.epoch;
  if (g.epoch < old.epoch) violation("the epoch falls");
  if (granted && !grants_.emplace(g.epoch, g.primaryUid).second && grants_[g.epoch] != g.primaryUid)
    violation("two pods are granted the same epoch");
  int64_t told = old.epoch;  // by an earlier group of this name, or by somebody's hand
  for (const auto& member : s.members) told = std::max(told, member.labelEpoch);
  if (g.epoch > told + 1 && !adopted) violation("the epoch rises by more than one");
  s.group.status = g;
}

void World::make(const NewRequest& n) {
  say([&] {
    return "make request " + n.name + " (" + n.trigger + ") " + std::string(name(n.spec.mode)) + " " +
           n.spec.candidate + " \"" + n.spec.reason + "\"";
  });
  std::string name = n.name;
  while (request(name)) name += "x";  // the clock was turned back: the shell tries again a moment later
  api::SwitchoverRequest& r = addRequest(name);
  r.spec = n.spec;
  r.trigger = n.trigger;
}

void World::store(const Decision& d) {
  if (d.make) make(*d.make);
  const bool half = !d.requests.empty() && d.group && joint++ == halfAt;
  if (!half || requestLands)
    for (const auto& w : d.requests) storeRequest(w, half ? std::nullopt : d.group);
  if (d.group && (!half || !requestLands)) storeGroup(*d.group);
  followProgress();
  if (half) crash();
  tick();
}

World::Did World::step(std::optional<Time>& next) {
  next.reset();
  for (auto& m : s.members) {
    m.serving = m.ready;
    if (!s.group.status.activeRequest.empty()) m.seen.claims = 0;  // as GroupWatch::changing
  }
  Decision d;
  try {
    d = decide(s);
  } catch (const std::logic_error& e) {
    violation(e.what());
    return Did::Nothing;
  }
  for (const auto& name : d.remove) {
    say([&] { return "remove request " + name; });
    removeRequest(name);
  }
  if (d.stores()) return store(d), Did::Work;
  for (const auto& e : d.start) begin(e);
  if (!d.start.empty()) return Did::Work;
  if (s.progress.requestUid.empty() && running_.empty())
    std::erase_if(s.progress.effects, [](const auto& e) { return e.second.done(); });
  if (d.wakeAt) next = *d.wakeAt;
  for (const auto& [id, r] : running_)
    if (r.answer.kind != Answer::Kind::Hang && (!next || r.end < *next)) next = r.end;
  for (const auto& [id, r] : running_)
    if (r.answer.kind != Answer::Kind::Hang && r.end <= s.now) return finish(id), Did::Work;
  return Did::Nothing;
}

bool World::run(Time until, const std::function<bool()>& stop) {
  Time last = s.now;
  for (int steps = 0; steps < kMostSteps && violations.empty(); ++steps) {
    if (stop && stop()) return false;
    std::optional<Time> next;
    if (step(next) == Did::Work) continue;
    if (!next || *next > until) {
      s.now = std::max(s.now, until);
      return true;
    }
    if (*next <= s.now && last == s.now && steps > kMostSteps / 2) break;
    last = s.now;
    s.now = std::max(s.now, *next);
  }
  if (violations.empty()) violation("does not come to rest");
  return true;
}

bool World::settle(const std::function<bool()>& stop) {
  for (int steps = 0; steps < kMostSteps && violations.empty(); ++steps) {
    if (stop && stop()) return false;
    std::optional<Time> next;
    if (step(next) == Did::Work) continue;
    if (!next || *next > s.now + std::chrono::seconds(1)) return true;
    s.now = std::max(s.now, *next);
  }
  if (violations.empty()) violation("does not come to rest");
  return true;
}

void World::violation(const std::string& what) {
  violations.push_back(what);
  say([&] { return "VIOLATION: " + what; });
}

void World::checkHook(const Effect& e) {
  if (e.epoch < lastHookEpoch_)
    violation("the epoch of " + effectText(e.id) + " falls from " + std::to_string(lastHookEpoch_));
  lastHookEpoch_ = std::max(lastHookEpoch_, e.epoch);
  if (e.id.hook != HookKind::Promote) return;
  const api::SwitchoverRequest* r = active();
  if (!r || r->spec.mode == api::Mode::Forced || !spec.hook(HookKind::Demote)) return;
  const std::string other = r->status.from == e.id.pod ? r->status.to : r->status.from;
  if (find(other) && inside[other].primary) violation(e.id.pod + " is promoted while " + other + " is primary");
}

void World::checkEnd(const RequestWrite& w, const api::HaGroupStatus& g) {
  const api::SwitchoverStatus& st = w.status;
  if (!st.completion) violation(w.request + " ends without a completion time");
  const bool failed = st.phase != api::Phase::Succeeded;
  if (failed != (st.reason != api::Reason::None)) violation(w.request + " ends with the wrong kind of reason");
  const api::Condition* c = findCondition(st.conditions, failed ? "Failed" : "Complete");
  if (!c || c->status != "True") violation(w.request + " ends without its condition");
  for (const auto& step : st.steps)
    if (step.state == api::StepState::Running) violation(w.request + " ends with a running step");
  if (failed || request(w.request)->spec.dryRun) return;
  const Member* to = s.member(st.to);
  if (!to || to->label != Label::Primary || to->labelEpoch != st.epoch) violation("success without the label");
  if (g.primary != st.to || g.epoch != st.epoch) violation("success that the group's status does not show");
  for (const auto& m : s.members)
    if (m.name != st.to && m.label == Label::Primary) violation("success with two primary labels");
}

}  // namespace baton::ha::test
