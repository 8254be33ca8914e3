// Tells of what was stored: log lines, Events on request, group and pods, counters. Called after a status was written,
// never before.
#pragma once

#include <memory>
#include <string>

#include "api/hagroup.h"
#include "api/pod.h"
#include "api/switchover.h"
#include "kube/event_recorder.h"
#include "reconcile/metrics.h"

namespace baton::reconcile {

class Announcer {
 public:
  /// Both must outlive it.
  Announcer(kube::EventRecorder& events, Metrics& metrics) : events_(events), metrics_(metrics) {}

  /// `before` and `after` are two stored versions of one request; from and to are its pods as far as they are known.
  void request(const api::SwitchoverRequest& before, const api::SwitchoverRequest& after, const api::HaGroup* group,
               const api::Pod* from, const api::Pod* to);
  void group(const api::HaGroup& before, const api::HaGroup& after);

  /// The Event that tells of a request's end; its name is always the same, so telling it twice makes one.
  static kube::Occurrence ending(const api::SwitchoverRequest& r);

 private:
  /// A failover would be made, were it not for the reason of the condition.
  void blocked(const api::HaGroup& before, const api::HaGroup& after);
  void occur(const kube::ObjectReference& about, const api::SwitchoverRequest& r, const char* action,
             const kube::ObjectReference* related);

  kube::EventRecorder& events_;
  Metrics& metrics_;
};

kube::ObjectReference reference(const api::HaGroup& g);
kube::ObjectReference reference(const api::SwitchoverRequest& r);
kube::ObjectReference reference(const api::Pod& p);

}  // namespace baton::reconcile
