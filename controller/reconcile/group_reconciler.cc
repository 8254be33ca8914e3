#include "reconcile/group_reconciler.h"

#include <algorithm>
#include <stdexcept>

#include "base/log.h"
#include "reconcile/detector.h"
#include "reconcile/fleet.h"

namespace baton::reconcile {
namespace {

/// So much of the lease must be left for a write to be begun: more than one try of it takes.
constexpr std::chrono::milliseconds kWriteMargin{3000};

std::pair<std::string, std::string> split(const std::string& key) {
  const size_t slash = key.find('/');
  return {key.substr(0, slash), slash == std::string::npos ? "" : key.substr(slash + 1)};
}

/// What has begun comes to its end before more is begun: so a burst of requests ends one after another, and not all of
/// them at its very end.
kube::Lane laneOf(const api::SwitchoverRequest& before) {
  return api::started(before.status.phase) ? kube::Lane::RoleChange : kube::Lane::Normal;
}
kube::Lane laneOf(const api::HaGroup& before, const ha::Decision& d) {
  const bool grants = d.group && d.group->epoch != before.status.epoch;
  return grants || !d.requests.empty() ? kube::Lane::RoleChange : kube::Lane::Normal;
}

}  // namespace

void GroupReconciler::reconcile(const std::string& key) {
  const Steady begin = p_.clock.steady();
  std::string result;
  try {
    result = turn(key);
  } catch (const std::exception& e) {
    // A fault of the program in one group must not stop the others.
    log::error("a decision failed", {{"key", key}, {"error", e.what()}});
    p_.queue.addRateLimited(key);
    result = "error";
  }
  const double seconds = std::chrono::duration<double>(p_.clock.steady() - begin).count();
  p_.metrics.reconciled("hagroup", result, seconds);
}

std::string GroupReconciler::turn(const std::string& key) {
  if (!p_.leadership.mayStart(kWriteMargin)) {
    // Too little is left of the lease: not lost yet, so the key is not forgotten.
    if (p_.leadership.leading()) p_.queue.addAfter(key, kLeaseSoonRenewed);
    return "not_leader";
  }
  const auto [ns, name] = split(key);
  {
    MutexLock l(mutex_);
    if (stopped_) return "stopped";
    const auto run = runs_.find(key);
    if (run != runs_.end() && run->second.writing()) return "writing";  // the answers add the key again
  }
  auto v = p_.world.view(ns, name, p_.clock.now());
  if (!v && p_.detector) p_.detector->forget(key);
  if (!v && p_.fleet) p_.fleet->forget(key);
  if (!v) return rejectOrphans(key, ns, name);
  if (awaitsDeleted(key, v->snapshot)) return "awaiting";
  if (missesActive(key, *v)) return confirmGone(key, *v);
  v->snapshot.progress = progressFor(key, v->snapshot);
  if (p_.detector) {
    p_.detector->track(key, *v);
    p_.detector->fill(key, v->snapshot);
  }
  if (p_.fleet) p_.fleet->look(key, v->snapshot);
  const ha::Decision d = ha::decide(v->snapshot);
  remove(key, *v, d);
  std::optional<Time> wake = d.wakeAt;
  if (v->nextRemoval && (!wake || *v->nextRemoval < *wake)) wake = v->nextRemoval;
  if (wake) wakeAt(key, *wake, v->snapshot.now);
  if (!d.stores() && d.start.empty()) {
    forgetSettled(key);
    return "settled";
  }
  if (const Unconfirmed what = unconfirmed(key, *v, d); what.count() > 0) return confirm(key, *v, what);
  if (d.stores()) return store(key, *v, d);
  start(key, *v, d);
  return "started";
}

void GroupReconciler::wakeAt(const std::string& key, Time then, Time now) {
  p_.queue.addAfter(key, std::max<std::chrono::microseconds>(then - now, std::chrono::milliseconds(1)));
}

void GroupReconciler::cancelAll(const Calls& calls) {
  for (const auto& call : calls)
    if (call) call->cancel();
}

bool GroupReconciler::awaitAnswers(const std::string& key, int count) {
  MutexLock l(mutex_);
  if (stopped_) return false;
  Run& run = runOf(key);
  run.writes += count;
  run.failed = false;
  return true;
}

uint64_t GroupReconciler::term() const {
  MutexLock l(mutex_);
  return term_;
}

bool GroupReconciler::stopped() const {
  MutexLock l(mutex_);
  return stopped_;
}

GroupReconciler::Run& GroupReconciler::runOf(const std::string& key) {
  const auto [run, made] = runs_.try_emplace(key);
  if (made) run->second.generation = ++generations_;
  return run->second;
}

GroupReconciler::Calls GroupReconciler::renew(Run& run, ha::Progress progress) {
  Calls calls;
  for (auto& [id, call] : run.effects) calls.push_back(std::move(call));
  run.effects.clear();
  run.progress = std::move(progress);
  run.generation = ++generations_;
  return calls;
}

ha::Progress GroupReconciler::progressFor(const std::string& key, const ha::Snapshot& s) {
  const auto* r = s.begun();
  const std::string uid = r ? r->meta.uid : "";
  const api::Phase phase = r ? r->status.phase : api::Phase::None;
  Calls aborted;
  // What was begun for an older grant must not go on after a newer one, nor count for it.
  const int64_t epoch = r ? 0 : s.group.status.epoch;
  ha::Progress progress{uid, phase, {}, epoch};
  {
    MutexLock l(mutex_);
    const auto found = runs_.find(key);
    if (found == runs_.end()) return progress;
    Run& run = found->second;
    const ha::Progress& p = run.progress;
    if (p.requestUid != uid || p.phase != phase || p.epoch != epoch) aborted = renew(run, progress);
    progress = run.progress;
  }
  cancelAll(aborted);
  return progress;
}

void GroupReconciler::forgetSettled(const std::string& key) {
  MutexLock l(mutex_);
  const auto found = runs_.find(key);
  if (found == runs_.end()) return;
  Run& run = found->second;
  if (!run.progress.requestUid.empty() || run.writing() || !run.effects.empty()) return;
  // What failed is remembered for its pause; what was done must be able to happen again.
  std::erase_if(run.progress.effects, [](const auto& e) { return e.second.done(); });
  if (run.progress.effects.empty()) runs_.erase(found);
}

std::string GroupReconciler::store(const std::string& key, const View& v, const ha::Decision& d) {
  const auto shared = std::make_shared<const View>(v);
  const int answers = static_cast<int>(d.requests.size()) + (d.group ? 1 : 0) + (d.make ? 1 : 0);
  if (!awaitAnswers(key, answers)) return "stopped";
  if (d.make) make(key, v, *d.make);
  if (d.group) {
    const auto before = v.group;
    p_.writer.write(
        *before, *d.group, laneOf(*before, d), [self = shared_from_this(), key, before, term = term()](auto written) {
          if (written) {
            self->nowConfirmed(key, term, before->meta.uid, "");
            self->p_.announcer.group(*before, **written);
          }
          self->wrote(key, "HaGroup " + before->meta.name, written ? Status(Ok{}) : Status(std::move(written).error()));
        });
  }
  for (const auto& w : d.requests)
    for (const auto& r : v.snapshot.requests)
      if (r.meta.name == w.request) writeRequest(key, r, w.status, shared);
  return "stored";
}

void GroupReconciler::writeRequest(const std::string& key, const api::SwitchoverRequest& before,
                                   const api::SwitchoverStatus& status, std::shared_ptr<const View> v) {
  p_.writer.write(
      before, status, laneOf(before), [self = shared_from_this(), key, before, v, term = term()](auto written) {
        if (written) {
          const auto& after = **written;
          self->nowConfirmed(key, term, "", after.meta.uid);
          const api::HaGroup* group = v ? v->group.get() : nullptr;
          const auto from = v ? v->pod(after.status.from) : nullptr, to = v ? v->pod(after.status.to) : nullptr;
          self->p_.announcer.request(before, after, group, from.get(), to.get());
        }
        self->wrote(key, "SwitchoverRequest " + before.meta.name,
                    written ? Status(Ok{}) : Status(std::move(written).error()));
      });
}

void GroupReconciler::wrote(const std::string& key, const std::string& what, const Status& how) {
  bool all = false, failed = false;
  {
    MutexLock l(mutex_);
    Run& run = runOf(key);
    run.failed = run.failed || (!how.ok() && how.error().kind != Error::Kind::Conflict);
    all = --run.writes == 0;
    failed = run.failed;
  }
  // What is gone is gone: the watch will tell.
  if (!how.ok() && how.error().kind != Error::Kind::Conflict && how.error().kind != Error::Kind::NotFound)
    log::warn("a status could not be stored", {{"key", key}, {"object", what}, {"error", how.error().message}});
  if (!all) return;
  if (failed) return p_.queue.addRateLimited(key);
  p_.queue.forget(key);
  p_.queue.add(key);
}

bool GroupReconciler::awaitsDeleted(const std::string& key, const ha::Snapshot& s) const {
  MutexLock l(mutex_);
  const auto run = runs_.find(key);
  if (run == runs_.end() || run->second.progress.requestUid.empty()) return false;
  const ha::Progress& p = run->second.progress;
  const bool there = std::any_of(s.requests.begin(), s.requests.end(),
                                 [&](const auto& r) { return r.meta.uid == p.requestUid && !r.meta.deleted; });
  return !there && std::any_of(p.effects.begin(), p.effects.end(),
                               [](const auto& e) { return e.second.running() && ha::setsRole(e.first); });
}

void GroupReconciler::remove(const std::string& key, const View& v, const ha::Decision& d) {
  for (const auto& name : d.remove)
    for (const auto& r : v.snapshot.requests)
      if (r.meta.name == name) removeOne(key, r);
}

void GroupReconciler::removeOne(const std::string& key, const api::SwitchoverRequest& r) {
  if (stopped()) return;
  p_.writer.remove(r, [self = shared_from_this(), key, name = r.meta.name](Status s) {
    if (s.ok()) return;
    log::warn("a finished request could not be removed",
              {{"key", key}, {"request", name}, {"error", s.error().message}});
    self->p_.queue.addAfter(key, std::chrono::seconds(60));
  });
}

std::string GroupReconciler::rejectOrphans(const std::string& key, const std::string& ns, const std::string& name) {
  Calls aborted;  // of the group that is gone
  {
    MutexLock l(mutex_);
    const auto found = runs_.find(key);
    if (found != runs_.end()) {
      aborted = renew(found->second, {});
      if (!found->second.writing()) runs_.erase(found);
    }
  }
  cancelAll(aborted);
  const Time now = p_.clock.now();
  Rejections rejections;
  for (const auto& r : p_.world.orphans(ns, name)) {
    const auto o = ha::withoutGroup(r, now);
    if (o.wakeAt) wakeAt(key, *o.wakeAt, now);
    if (o.remove) removeOne(key, r);
    if (o.status) rejections.emplace_back(r, *o.status);
  }
  return rejections.empty() ? "no_group" : reject(key, ns, name, std::move(rejections));
}

std::string GroupReconciler::reject(const std::string& key, const std::string& ns, const std::string& name,
                                    Rejections all) {
  {
    MutexLock l(mutex_);
    if (stopped_) return "stopped";
    runOf(key).writes += static_cast<int>(all.size());
  }
  // The watch of groups may be late, and what is said here is final.
  p_.writer.confirmNoGroup(ns, name, [self = shared_from_this(), key, all = std::move(all)](const Status& s) {
    for (const auto& [request, status] : all)
      if (s.ok())
        self->writeRequest(key, request, status, nullptr);
      else
        self->wrote(key, "SwitchoverRequest " + request.meta.name, s);
  });
  return "no_group";
}

void GroupReconciler::abortAll(bool forGood) {
  Calls calls;
  {
    MutexLock l(mutex_);
    stopped_ = stopped_ || forGood;
    ++term_;
    confirmedGroups_.clear();
    confirmedPods_.clear();
    confirmedRequests_.clear();
    for (auto& [key, run] : runs_) {
      run.confirmed.clear();
      for (auto& call : renew(run, {})) calls.push_back(std::move(call));
    }
  }
  cancelAll(calls);
}

void GroupReconciler::stop() { abortAll(true); }
void GroupReconciler::abandon() { abortAll(false); }

size_t GroupReconciler::underWay() const {
  MutexLock l(mutex_);
  size_t n = 0;
  for (const auto& [key, run] : runs_) n += run.effects.size() + static_cast<size_t>(run.writes);
  return n;
}

}  // namespace baton::reconcile
