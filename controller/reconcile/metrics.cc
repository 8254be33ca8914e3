#include "reconcile/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/text_serializer.h>

#include <iterator>

#include "reconcile/group_metrics.h"

namespace baton::reconcile {
namespace {

using Bounds = prometheus::Histogram::BucketBoundaries;

const Bounds kShort = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
const Bounds kLong = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300};

prometheus::Family<prometheus::Counter>& counter(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(r);
}
prometheus::Family<prometheus::Gauge>& gauge(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(r);
}
prometheus::Family<prometheus::Histogram>& histogram(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(r);
}

}  // namespace

class Metrics::Queue final : public kube::WorkQueueMetrics {
 public:
  Queue(Metrics& m, const std::string& name)
      : depth_(m.depth_.Add({{"name", name}})),
        adds_(m.adds_.Add({{"name", name}})),
        retries_(m.retries_.Add({{"name", name}})),
        queued_(m.queueSeconds_.Add({{"name", name}}, kShort)),
        worked_(m.workSeconds_.Add({{"name", name}}, kShort)) {}
  void depth(size_t keys) override { depth_.Set(static_cast<double>(keys)); }
  void added() override { adds_.Increment(); }
  void retried() override { retries_.Increment(); }
  void queued(double seconds) override { queued_.Observe(seconds); }
  void worked(double seconds) override { worked_.Observe(seconds); }

 private:
  prometheus::Gauge& depth_;
  prometheus::Counter& adds_;
  prometheus::Counter& retries_;
  prometheus::Histogram& queued_;
  prometheus::Histogram& worked_;
};

Metrics::Metrics(const std::string& version, const std::string& commit)
    : switchovers_(counter(registry_, "baton_switchovers_total", "Requests that ended.")),
      duration_(histogram(registry_, "baton_switchover_duration_seconds", "From a request's start to its end.")),
      phase_(histogram(registry_, "baton_switchover_phase_seconds", "How long a phase lasted.")),
      unavailable_(histogram(registry_, "baton_primary_unavailable_seconds",
                             "From the old primary losing the role to the new one having it.")),
      detection_(histogram(registry_, "baton_failure_detection_seconds",
                           "From a primary's first sign of failure to the decision.")),
      hooks_(histogram(registry_, "baton_hook_duration_seconds", "One try of a hook.")),
      inProgress_(gauge(registry_, "baton_switchovers_in_progress", "Requests that have begun and not ended.").Add({})),
      reconciles_(counter(registry_, "baton_reconcile_total", "Decisions made.")),
      reconcileSeconds_(histogram(registry_, "baton_reconcile_duration_seconds", "Time to make one decision.")),
      requests_(counter(registry_, "rest_client_requests_total", "Requests to the API server.")),
      requestSeconds_(
          histogram(registry_, "rest_client_request_duration_seconds", "Time of one request to the API server.")),
      restarts_(counter(registry_, "baton_watch_restarts_total", "Lists and watches begun anew.")),
      apiCalls_(counter(registry_, "baton_api_requests_total", "Calls of the REST API.")),
      apiSeconds_(
          histogram(registry_, "baton_api_request_duration_seconds", "Time to answer one call of the REST API.")),
      apiNotProved_(counter(registry_, "baton_api_authentication_failures_total",
                            "Calls of the REST API whose caller was not who he said, or said nothing.")),
      leader_(gauge(registry_, "leader_election_master_status", "1 while this process leads.")),
      depth_(gauge(registry_, "workqueue_depth", "Keys waiting.")),
      adds_(counter(registry_, "workqueue_adds_total", "Keys added.")),
      retries_(counter(registry_, "workqueue_retries_total", "Keys added again after a failure.")),
      queueSeconds_(histogram(registry_, "workqueue_queue_duration_seconds", "Time that a key waited.")),
      workSeconds_(histogram(registry_, "workqueue_work_duration_seconds", "Time that a key was worked on.")) {
  gauge(registry_, "baton_build_info", "1; the labels say which build this is.")
      .Add({{"version", version}, {"commit", commit}})
      .Set(1);
  detection_.Add({}, kLong);  // shown from the beginning
}

Metrics::~Metrics() = default;

void Metrics::ended(const api::SwitchoverRequest& r, const api::SwitchoverStatus& end) {
  const std::string result(name(end.phase)), mode(name(r.spec.mode));
  {
    MutexLock l(mutex_);
    auto& c = switchovers_.Add({{"namespace", r.meta.ns},
                                {"group", r.spec.group},
                                {"mode", mode},
                                {"trigger", r.trigger},
                                {"result", result},
                                {"reason", std::string(name(end.reason))}});
    c.Increment();
    ofGroup_[r.meta.ns + "/" + r.spec.group].insert(&c);
  }
  const auto s = [](auto d) { return std::chrono::duration<double>(d).count(); };
  if (end.start && end.completion)
    duration_.Add({{"mode", mode}, {"result", result}}, kLong).Observe(s(*end.completion - *end.start));
  if (end.unavailableMilliseconds)
    unavailable_.Add({{"mode", mode}}, kLong).Observe(static_cast<double>(*end.unavailableMilliseconds) / 1000);
}

void Metrics::forgetGroup(const std::string& ns, const std::string& name) {
  MutexLock l(mutex_);
  const auto found = ofGroup_.find(ns + "/" + name);
  if (found == ofGroup_.end()) return;
  for (auto* counter : found->second) switchovers_.Remove(counter);
  ofGroup_.erase(found);
}

void Metrics::detected(double seconds) { detection_.Add({}, kLong).Observe(seconds); }

void Metrics::phaseLeft(api::Phase p, double seconds) {
  phase_.Add({{"phase", std::string(name(p))}}, kLong).Observe(seconds);
}

void Metrics::hook(const std::string& hook, const std::string& result, double seconds) {
  hooks_.Add({{"hook", hook}, {"result", result}}, kLong).Observe(seconds);
}

void Metrics::reconciled(const std::string& controller, const std::string& result, double seconds) {
  reconciles_.Add({{"controller", controller}, {"result", result}}).Increment();
  reconcileSeconds_.Add({{"controller", controller}}, kShort).Observe(seconds);
}

void Metrics::restClient(const std::string& method, const std::string& code, double seconds) {
  requests_.Add({{"method", method}, {"code", code}}).Increment();
  requestSeconds_.Add({{"verb", method}}, kShort).Observe(seconds);
}

void Metrics::apiCall(const std::string& api, int status, double seconds) {
  apiCalls_.Add({{"api", api}, {"code", std::to_string(status)}}).Increment();
  apiSeconds_.Add({{"api", api}}, kLong).Observe(seconds);
}

void Metrics::apiNotProved(const std::string& api) { apiNotProved_.Add({{"api", api}}).Increment(); }

void Metrics::watchRestarted(const std::string& resource, std::string_view reason) {
  restarts_.Add({{"resource", resource}, {"reason", std::string(reason)}}).Increment();
}

void Metrics::leading(const std::string& lease, bool is) { leader_.Add({{"name", lease}}).Set(is ? 1 : 0); }

kube::WorkQueueMetrics* Metrics::workQueue(const std::string& name) {
  MutexLock l(mutex_);
  auto& q = queues_[name];
  if (!q) q = std::make_unique<Queue>(*this, name);
  return q.get();
}

std::string Metrics::text(const std::function<void(const std::function<void(const api::HaGroup&)>&)>& groups,
                          size_t inProgress) {
  inProgress_.Set(static_cast<double>(inProgress));
  std::vector<prometheus::MetricFamily> all = registry_.Collect();
  for (auto&& more : {groupFamilies(groups), processFamilies()}) all.insert(all.end(), more.begin(), more.end());
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace baton::reconcile
