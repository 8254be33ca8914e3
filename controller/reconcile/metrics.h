// Every metric in one place; names and labels as docs/metrics.md has them. Safe from every thread.
#pragma once

#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "api/hagroup.h"
#include "api/switchover.h"
#include "base/mutex.h"
#include "kube/work_queue.h"

namespace baton::reconcile {

class Metrics {
 public:
  Metrics(const std::string& version, const std::string& commit);
  ~Metrics();

  // Role changes.
  void ended(const api::SwitchoverRequest& r, const api::SwitchoverStatus& end);
  /// The group is gone, and takes its series along.
  void forgetGroup(const std::string& ns, const std::string& name);
  /// A failover is asked for, so long after the first sign of the failure.
  void detected(double seconds);
  void phaseLeft(api::Phase phase, double seconds);
  void hook(const std::string& hook, const std::string& result, double seconds);

  // The controller itself.
  void reconciled(const std::string& controller, const std::string& result, double seconds);
  void restClient(const std::string& method, const std::string& code, double seconds);
  // The REST API; `api`: the path's name, or empty for no path at all.
  void apiCall(const std::string& api, int status, double seconds);
  void apiNotProved(const std::string& api);
  void watchRestarted(const std::string& resource, std::string_view reason);
  void leading(const std::string& lease, bool is);
  /// For a queue of that name; lives as long as this.
  kube::WorkQueueMetrics* workQueue(const std::string& name);

  /// The Prometheus text format 0.0.4. Series of groups are made from `groups` at this moment, so that a group that
  /// is deleted takes its series along, and none is kept in memory between two scrapes. inProgress: requests that have
  /// begun and not ended, whoever began them.
  std::string text(const std::function<void(const std::function<void(const api::HaGroup&)>&)>& groups,
                   size_t inProgress);

 private:
  class Queue;
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& switchovers_;
  prometheus::Family<prometheus::Histogram>& duration_;
  prometheus::Family<prometheus::Histogram>& phase_;
  prometheus::Family<prometheus::Histogram>& unavailable_;
  prometheus::Family<prometheus::Histogram>& detection_;
  prometheus::Family<prometheus::Histogram>& hooks_;
  prometheus::Gauge& inProgress_;
  prometheus::Family<prometheus::Counter>& reconciles_;
  prometheus::Family<prometheus::Histogram>& reconcileSeconds_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& requestSeconds_;
  prometheus::Family<prometheus::Counter>& restarts_;
  prometheus::Family<prometheus::Counter>& apiCalls_;
  prometheus::Family<prometheus::Histogram>& apiSeconds_;
  prometheus::Family<prometheus::Counter>& apiNotProved_;
  prometheus::Family<prometheus::Gauge>& leader_;
  prometheus::Family<prometheus::Gauge>& depth_;
  prometheus::Family<prometheus::Counter>& adds_;
  prometheus::Family<prometheus::Counter>& retries_;
  prometheus::Family<prometheus::Histogram>& queueSeconds_;
  prometheus::Family<prometheus::Histogram>& workSeconds_;
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<Queue>> queues_ GUARDED_BY(mutex_);
  std::map<std::string, std::set<prometheus::Counter*>> ofGroup_ GUARDED_BY(mutex_);  // by namespace/name
};

}  // namespace baton::reconcile
