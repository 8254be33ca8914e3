#include "reconcile/detector.h"

#include <algorithm>

namespace baton::reconcile {
namespace {

bool wanted(const api::HaGroup& g) { return g.spec->probed() && !g.meta.deleted && g.spec->error.empty(); }

ha::WatchRules rulesOf(const api::HaGroup& g) {
  const auto& d = g.spec->detection;
  return {std::chrono::seconds(std::max(1, d.periodSeconds)), std::chrono::seconds(std::max(1, d.timeoutSeconds)),
          std::max(1, d.failureThreshold)};
}

/// Who has the role beyond doubt: granted, labelled, and nothing is under way that may take it.
std::string settledPrimary(const ha::Snapshot& s) {
  const auto& g = s.group.status;
  const ha::Member* m = s.member(g.primary);
  const bool has = m && m->label == ha::Label::Primary && m->labelEpoch == g.epoch;
  return has && g.activeRequest.empty() ? g.primary : "";
}

/// Rounds of many groups do not fall together.
std::chrono::milliseconds offset(const std::string& key, const ha::WatchRules& rules) {
  const auto period = std::chrono::duration_cast<std::chrono::milliseconds>(rules.period);
  return std::chrono::milliseconds(std::hash<std::string>()(key) % static_cast<size_t>(period.count()));
}

}  // namespace

Detector::Entry& Detector::entry(const std::string& key, const View& v) {
  const auto [found, added] = entries_.try_emplace(key);
  Entry& e = found->second;
  const ha::WatchRules rules = rulesOf(*v.group);
  if (added || e.rules != rules) {
    e.rules = rules;
    e.generation = ++generations_;
    for (auto& [name, m] : e.members) m = {.pod = m.pod};
    e.next = p_.clock.steady() + offset(key, rules);
    plan(key, e);
  }
  e.group = v.group;
  return e;
}

void Detector::track(const std::string& key, const View& v) {
  if (!wanted(*v.group)) return forget(key);
  bool blind = false;
  {
    MutexLock l(mutex_);
    Entry& e = entry(key, v);
    follow(e, v);
    const bool changing = !v.group->status.activeRequest.empty();
    if (changing || e.changing) e.watch.changing(p_.clock.steady());
    e.changing = changing;
    blind = outOfReach(e);
  }
  p_.fleet.reach(key, blind);
}

/// Another pod of a known name has answered nothing yet.
void Detector::follow(Entry& e, const View& v) {
  std::map<std::string, Member> now;
  std::vector<std::string> names;
  for (const auto& pod : v.pods) {
    if (pod->finished) continue;
    const std::string& name = pod->meta.name;
    const auto found = e.members.find(name);
    const bool same = found != e.members.end() && found->second.pod->meta.uid == pod->meta.uid;
    now[name] = same ? found->second : Member{.pod = pod};
    now[name].pod = pod;
    if (!same) e.watch.forget(name);
    names.push_back(name);
  }
  e.members = std::move(now);
  e.watch.members(names, settledPrimary(v.snapshot), v.group->status.epoch);
  for (const auto& [name, m] : e.members) e.watch.containers(name, m.pod->containerEnds);
}

bool Detector::outOfReach(const Entry& e) {
  const auto ready = [](const auto& m) { return m.second.pod->ready; };
  return e.watch.blind() && std::any_of(e.members.begin(), e.members.end(), ready);
}

void Detector::forget(const std::string& key) {
  Calls calls;
  {
    MutexLock l(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    for (auto& [name, m] : found->second.members) calls.push_back(std::move(m.call));
    entries_.erase(found);
  }
  for (const auto& c : calls)
    if (c) c->cancel();
  p_.fleet.reach(key, std::nullopt);
}

void Detector::reset() {
  Calls calls;
  {
    MutexLock l(mutex_);
    for (auto& [key, e] : entries_)
      for (auto& [name, m] : e.members) calls.push_back(std::move(m.call));
    entries_.clear();
  }
  for (const auto& c : calls)
    if (c) c->cancel();
}

void Detector::fill(const std::string& key, ha::Snapshot& s) const {
  MutexLock l(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  for (auto& m : s.members) m.seen = found->second.watch.of(m.name);
  s.blind = found->second.watch.blind();
}

std::optional<api::HaGroup> Detector::upToDate(const api::HaGroup& g) const {
  MutexLock l(mutex_);
  const auto found = entries_.find(g.meta.key());
  if (found == entries_.end()) return std::nullopt;
  const auto position = [&](const std::string& pod) -> std::optional<int64_t> {
    const ha::Observation seen = found->second.watch.of(pod);
    return seen.answers && seen.last ? seen.last->position : std::nullopt;
  };
  api::HaGroup now = g;
  const auto first = position(g.status.primary);
  for (auto& m : now.status.members) {
    m.position = position(m.pod);
    m.lag = first && m.position ? std::optional<int64_t>(std::max<int64_t>(0, *first - *m.position)) : std::nullopt;
  }
  return now;
}

std::optional<std::chrono::duration<double>> Detector::troubleFor(const std::string& key,
                                                                  const std::string& pod) const {
  MutexLock l(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  const auto since = found->second.watch.troubleSince(pod);
  if (!since) return std::nullopt;
  return p_.clock.steady() - *since;
}

void Detector::plan(const std::string& key, const Entry& e) {
  p_.timers.at(e.next, [weak = weak_from_this(), key, generation = e.generation] {
    if (const auto self = weak.lock()) self->round(key, generation);
  });
}

void Detector::round(const std::string& key, uint64_t generation) {
  {
    MutexLock l(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.generation != generation) return;
    // A process that was frozen does not make up for the rounds that it missed.
    Entry& e = found->second;
    e.next = std::max(e.next + e.rules.period, p_.clock.steady());
    plan(key, e);
  }
  if (p_.leadership.leading()) askAll(key, generation);
}

Detector::Ask Detector::askOf(Entry& e, Member& m) const {
  m.asked = true;
  m.late = false;
  const auto primary = e.members.find(e.group->status.primary);
  Ask a{e.group,
        m.pod,
        primary == e.members.end() ? nullptr : primary->second.pod,
        {},
        static_cast<int>(e.rules.timeout.count())};
  for (const auto& [other, unused] : e.members)
    if (other != m.pod->meta.name) a.others.push_back(other);
  return a;
}

std::vector<Detector::Ask> Detector::due(Entry& e) {
  std::vector<Ask> asks;
  for (auto& [name, m] : e.members) {
    m.late = m.asked;
    if (!m.asked && !m.pod->ip.empty()) asks.push_back(askOf(e, m));
  }
  return asks;
}

void Detector::askAll(const std::string& key, uint64_t generation) {
  std::vector<Ask> asks;
  {
    MutexLock l(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.generation != generation) return;
    asks = due(found->second);
  }
  for (const auto& a : asks) ask(key, generation, a);
}

void Detector::ask(const std::string& key, uint64_t generation, const Ask& a) {
  ha::Effect effect;
  effect.id.kind = ha::EffectId::Kind::Hook;
  effect.id.hook = api::HookKind::Probe;
  effect.id.pod = a.pod->meta.name;
  effect.epoch = a.group->status.epoch;
  effect.primary = a.group->status.primary;
  effect.role = effect.primary == effect.id.pod ? "primary" : "standby";
  effect.tries = 1;
  effect.timeoutSeconds = a.seconds;
  mechanisms::Target target;
  target.group = a.group;
  target.pod = a.pod;
  target.primaryPod = a.primary;
  target.otherMembers = a.others;
  target.mayStart = [weak = weak_from_this()](std::chrono::milliseconds) {
    const auto self = weak.lock();
    return self && self->p_.leadership.leading();
  };
  ha::Call call;
  call.pod = effect.id.pod;
  call.asked = p_.clock.steady();
  auto handle = p_.mechanisms.run(
      effect, std::move(target),
      [self = shared_from_this(), key, generation, uid = a.pod->meta.uid, call](const ha::EffectResult& r) {
        ha::Call done = call;
        done.report = r.report;
        done.contact = r.podGone ? ha::Contact::Refused : r.contact;
        done.why = r.message;
        self->ended(key, generation, uid, std::move(done));
      });
  MutexLock l(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.generation != generation) return;
  const auto m = found->second.members.find(effect.id.pod);
  if (m != found->second.members.end() && m->second.asked) m->second.call = std::move(handle);
}

void Detector::ended(const std::string& key, uint64_t generation, const std::string& uid, ha::Call call) {
  http::CallHandle dropped;  // released without the lock
  ha::GroupWatch::News news;
  std::optional<Ask> again;
  bool blind = false;
  {
    MutexLock l(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.generation != generation) return;
    Entry& e = found->second;
    const auto m = e.members.find(call.pod);
    if (m == e.members.end() || m->second.pod->meta.uid != uid) return;
    m->second.asked = false;
    dropped = std::move(m->second.call);
    if (!p_.leadership.leading()) return;
    call.ended = p_.clock.steady();
    call.ready = m->second.pod->ready;
    news = e.watch.ended(call, e.rules);
    blind = outOfReach(e);
    if (m->second.late) again = askOf(e, m->second);
  }
  if (news.changed) {
    p_.fleet.reach(key, blind);
    p_.changed(key);
  }
  if (again) ask(key, generation, *again);
  if (news.askAgain) askAll(key, generation);
}

}  // namespace baton::reconcile
