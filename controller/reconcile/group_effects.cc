// GroupReconciler's effects: what they are told, how they begin and end.
#include <algorithm>

#include "reconcile/group_reconciler.h"

namespace baton::reconcile {
namespace {

/// The Services that select the role and, by their other labels, that very pod: no other one can ever send it traffic.
std::vector<std::string> servicesOf(const View& v, const std::string& name) {
  std::vector<std::string> names;
  const auto pod = v.pod(name);
  for (const auto& s : v.services) {
    const bool mine = pod && std::all_of(s->selector.begin(), s->selector.end(), [&](const auto& want) {
                        const std::string* have = pod->label(want.first);
                        return want.first == v.group->spec->roleKey || (have && *have == want.second);
                      });
    if (mine) names.push_back(s->meta.name);
  }
  return names;
}

}  // namespace

mechanisms::Target GroupReconciler::target(const View& v, const ha::Effect& e,
                                           const std::shared_ptr<std::atomic<bool>>& held) {
  mechanisms::Target t;
  t.group = v.group;
  t.pod = v.pod(e.id.pod);
  t.primaryPod = v.pod(e.primary);
  if (const ha::Member* m = v.snapshot.pod(e.id.pod)) t.nodeGone = m->nodeGone;
  if (e.id.kind == ha::EffectId::Kind::CheckRouting) t.services = servicesOf(v, e.id.pod);
  for (const auto& p : v.pods)
    if (p->meta.name != e.id.pod) t.otherMembers.push_back(p->meta.name);
  t.mayStart = [self = weak_from_this(), held](std::chrono::milliseconds d) {
    const auto me = self.lock();
    const bool may = me && me->p_.leadership.mayStart(d);
    if (!may) *held = true;
    return may;
  };
  t.learned = [self = weak_from_this()](std::shared_ptr<const api::Pod> pod) {
    if (const auto me = self.lock()) me->p_.world.seen(std::move(pod));
  };
  return t;
}

void GroupReconciler::start(const std::string& key, const View& v, const ha::Decision& d) {
  uint64_t generation = 0;
  {
    MutexLock l(mutex_);
    if (stopped_) return;
    Run& run = runOf(key);
    run.progress.requestUid = v.snapshot.progress.requestUid;
    run.progress.phase = v.snapshot.progress.phase;
    run.progress.epoch = v.snapshot.progress.epoch;
    generation = run.generation;
    for (const auto& e : d.start) {
      ha::EffectResult running;
      running.start = v.snapshot.now;
      running.listener = e.listener;
      run.progress.effects[e.id] = running;
      run.effects[e.id] = nullptr;
    }
  }
  for (const auto& e : d.start) startOne(key, v, e, generation);
}

void GroupReconciler::startOne(const std::string& key, const View& v, const ha::Effect& e, uint64_t generation) {
  const auto held = std::make_shared<std::atomic<bool>>(false);
  auto call = p_.mechanisms.run(e, target(v, e, held),
                                [self = shared_from_this(), key, generation, id = e.id, held](ha::EffectResult r) {
                                  if (*held) return self->putOff(key, generation, id);
                                  self->ended(key, generation, id, std::move(r));
                                });
  bool late = false;
  {
    MutexLock l(mutex_);
    const auto found = runs_.find(key);
    const bool current = found != runs_.end() && found->second.generation == generation;
    if (current) {
      const auto effect = found->second.effects.find(e.id);
      if (effect != found->second.effects.end()) effect->second = call;  // else it has ended already
    }
    late = !current || stopped_;
  }
  if (late && call) call->cancel();
}

bool GroupReconciler::conclude(const std::string& key, uint64_t generation, const ha::EffectId& id,
                               std::optional<ha::EffectResult> result) {
  http::CallHandle dropped;  // released without the lock
  MutexLock l(mutex_);
  const auto found = runs_.find(key);
  if (found == runs_.end() || found->second.generation != generation) return false;
  const auto effect = found->second.effects.find(id);
  if (effect == found->second.effects.end()) return false;
  dropped = std::move(effect->second);
  found->second.effects.erase(effect);
  auto& effects = found->second.progress.effects;
  if (result) {
    result->listener = effects[id].listener;
    effects[id] = std::move(*result);
  } else {
    effects.erase(id);
  }
  return true;
}

void GroupReconciler::ended(const std::string& key, uint64_t generation, const ha::EffectId& id,
                            ha::EffectResult result) {
  if (conclude(key, generation, id, std::move(result))) p_.queue.add(key);
}

void GroupReconciler::putOff(const std::string& key, uint64_t generation, const ha::EffectId& id) {
  if (conclude(key, generation, id, std::nullopt)) p_.queue.addAfter(key, kLeaseSoonRenewed);
}

}  // namespace baton::reconcile
