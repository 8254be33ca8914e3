#include <algorithm>
#include <tuple>

#include "ha/turn.h"

namespace baton::ha {
namespace {

using api::Phase;
using api::SwitchoverRequest;

/// Requests that have not ended: the one that has begun first, then failovers, then in the order of their creation.
std::vector<const SwitchoverRequest*> line(const Snapshot& s) {
  std::vector<const SwitchoverRequest*> all;
  for (const auto& r : s.requests)
    if (!api::finished(r.status.phase) && !r.meta.deleted) all.push_back(&r);
  std::sort(all.begin(), all.end(), [](const SwitchoverRequest* a, const SwitchoverRequest* b) {
    const auto rank = [](const SwitchoverRequest* r) {
      return std::make_tuple(r->trigger != api::kFailoverTrigger, r->meta.created, r->meta.name);
    };
    const bool x = api::started(a->status.phase), y = api::started(b->status.phase);
    return x != y ? x : rank(a) < rank(b);
  });
  return all;
}

/// Due: its scheduled time, if it has one, has come.
bool due(const SwitchoverRequest& r, Time now) { return !r.spec.scheduledAt || *r.spec.scheduledAt <= now; }

void removeOld(const Snapshot& s, Decision& d) {
  for (const auto& r : s.requests) {
    if (!api::finished(r.status.phase) || !r.status.completion || r.meta.deleted) continue;
    if (shows(s.group.status, r)) continue;
    const Time end = *r.status.completion + std::chrono::seconds(r.spec.ttlSecondsAfterFinished);
    if (end <= s.now)
      d.remove.push_back(r.meta.name);
    else
      d.wake(end);
  }
}

void add(Decision& d, Decision&& more) {
  for (auto& w : more.requests) d.requests.push_back(std::move(w));
  if (more.group) d.group = std::move(more.group);
  d.adopts = d.adopts || more.adopts;
  for (auto& e : more.start) d.start.push_back(std::move(e));
  if (more.make) d.make = std::move(more.make);
  if (more.wakeAt) d.wake(*more.wakeAt);
}

/// The request that the group shows as active has ended, or is gone: what that means for the group comes before the
/// next request's turn.
bool outcomeUnseen(const Snapshot& s) {
  const auto& g = s.group.status;
  if (g.activeRequest.empty()) return false;
  for (const auto& r : s.requests)
    if (!r.meta.deleted && !api::finished(r.status.phase) && (shows(g, r) || api::started(r.status.phase)))
      return false;
  return true;
}

}  // namespace

Decision decide(const Snapshot& s) {
  Decision d;
  removeOld(s, d);
  if (s.group.meta.deleted) return d;
  if (outcomeUnseen(s)) {
    add(d, settle(s));
    return d;
  }
  size_t ahead = 0;
  std::string first;
  bool active = false;
  for (const SwitchoverRequest* r : line(s)) {
    Turn t(s, *r);
    if (api::started(r->status.phase) && ahead == 0) {
      add(d, proceed(t));
      active = true;
    } else if (!api::started(r->status.phase)) {
      add(d, waiting(t, ahead, first));
      const bool begins = !t.d.requests.empty() && api::started(t.st.phase);
      active = active || begins;
      // A refusal leaves its place to the next one, which has its turn when this is stored.
      if (!begins && (api::finished(t.st.phase) || !due(*r, s.now))) continue;
      if (t.st.phase == Phase::Pending) continue;
    }
    if (ahead++ == 0) first = r->meta.name;
  }
  if (!active) add(d, settle(s));
  if (d.stores()) d.start.clear();
  return d;
}

}  // namespace baton::ha
