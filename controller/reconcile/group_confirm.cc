// GroupReconciler's questions to the API server before it acts: is that which a cache says still so?
#include <algorithm>

#include "ha/active.h"
#include "reconcile/group_reconciler.h"

namespace baton::reconcile {
namespace {

/// Of the pods that a decision was made from; another one of any of them is another text.
std::string versionsOf(const View& v) {
  std::string all;
  for (const auto& p : v.pods) all += p->meta.uid + "@" + std::to_string(p->meta.resourceVersion) + " ";
  return all;
}

/// A request is made, or begins: there must be no other one that has.
bool begins(const View& v, const ha::Decision& d) {
  if (v.snapshot.begun()) return false;
  return d.make || std::any_of(d.requests.begin(), d.requests.end(),
                               [](const ha::RequestWrite& w) { return api::started(w.status.phase); });
}

}  // namespace

GroupReconciler::Unconfirmed GroupReconciler::unconfirmed(const std::string& key, const View& v,
                                                          const ha::Decision& d) const {
  const auto* r = v.snapshot.begun();
  const std::string& uid = v.group->meta.uid;
  MutexLock l(mutex_);
  const auto run = runs_.find(key);
  const bool adopts = d.adopts && (run == runs_.end() || run->second.podsRead != versionsOf(v));
  if (!p_.confirmFirst) return {false, adopts, false, nullptr};
  const bool known = run != runs_.end() && r && run->second.confirmed == r->meta.uid;
  // Group and request are two objects: one write of a decision may land though the other is refused. A group alone is
  // confirmed by being written.
  const bool alone = d.group && d.requests.empty() && !d.make && !r && v.group->status.activeRequest.empty();
  const bool group = !alone && confirmedGroups_.count(uid) == 0;
  const bool requests = begins(v, d) && confirmedRequests_.count(uid) == 0;
  return {group, adopts || confirmedPods_.count(uid) == 0, requests, r && !known ? r : nullptr};
}

void GroupReconciler::nowConfirmed(const std::string& key, uint64_t term, const std::string& group,
                                   const std::string& request) {
  MutexLock l(mutex_);
  if (!p_.confirmFirst || term != term_) return;
  if (!group.empty()) confirmedGroups_.insert(group);
  if (!request.empty()) runOf(key).confirmed = request;
}

bool GroupReconciler::missesActive(const std::string& key, const View& v) const {
  const auto& g = v.group->status;
  if (!p_.confirmFirst || g.activeRequest.empty()) return false;
  for (const auto& r : v.snapshot.requests)
    if (ha::shows(g, r)) return false;
  MutexLock l(mutex_);
  const auto run = runs_.find(key);
  return run == runs_.end() || run->second.gone != g.activeRequest + "/" + g.activeRequestUid;
}

std::string GroupReconciler::confirmGone(const std::string& key, const View& v) {
  if (!awaitAnswers(key, 1)) return "stopped";
  const auto& g = v.group->status;
  const auto done = [self = shared_from_this(), key,
                     gone = g.activeRequest + "/" + g.activeRequestUid](const Status& s) {
    if (s.ok()) {
      MutexLock l(self->mutex_);
      self->runOf(key).gone = gone;
    }
    self->wrote(key, "the active request " + gone, s);
  };
  p_.writer.confirmNoRequest(v.group->meta.ns, g.activeRequest, g.activeRequestUid, done);
  return "confirming";
}

std::string GroupReconciler::confirm(const std::string& key, const View& v, const Unconfirmed& what) {
  const uint64_t term = this->term();  // before: an answer never counts for a later one
  if (!awaitAnswers(key, what.count())) return "stopped";
  const auto done = [&](const std::string& name, const std::string& group, const std::string& uid) {
    return [self = shared_from_this(), key, term, name, group, uid](const Status& s) {
      if (s.ok()) self->nowConfirmed(key, term, group, uid);
      self->wrote(key, name, s);
    };
  };
  if (what.group) p_.writer.confirm(*v.group, done("HaGroup " + v.group->meta.name, v.group->meta.uid, ""));
  // Labels that a predecessor has written: from here on they are our own, or somebody's hand.
  if (what.pods)
    p_.writer.confirmPods(*v.group, [self = shared_from_this(), key, term, uid = v.group->meta.uid,
                                     versions = versionsOf(v)](const Status& s) {
      if (s.ok()) self->podsConfirmed(key, term, uid, versions);
      self->wrote(key, "the pods of " + key, s);
    });
  // A predecessor's request of which no watch has told yet.
  if (what.requests)
    p_.writer.confirmRequests(*v.group,
                              [self = shared_from_this(), key, term, uid = v.group->meta.uid](const Status& s) {
                                if (s.ok()) self->requestsConfirmed(term, uid);
                                self->wrote(key, "the requests of " + key, s);
                              });
  if (const auto* r = what.request) p_.writer.confirm(*r, done("SwitchoverRequest " + r->meta.name, "", r->meta.uid));
  return "confirming";
}

void GroupReconciler::podsConfirmed(const std::string& key, uint64_t term, const std::string& group,
                                    const std::string& versions) {
  MutexLock l(mutex_);
  if (term != term_) return;
  confirmedPods_.insert(group);
  runOf(key).podsRead = versions;
}

void GroupReconciler::requestsConfirmed(uint64_t term, const std::string& group) {
  MutexLock l(mutex_);
  if (term == term_) confirmedRequests_.insert(group);
}

}  // namespace baton::reconcile
