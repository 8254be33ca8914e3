// CheckRouting: looks once at the EndpointSlices of each Service; the core asks for another look.
#include <chrono>
#include <utility>

#include "kube/request.h"
#include "mechanisms/routing.h"
#include "mechanisms/runs.h"

namespace baton::mechanisms {
namespace {

constexpr std::chrono::milliseconds kLimit{4000};

class RoutingRun final : public Run {
 public:
  using Run::Run;

 private:
  void begin() override {
    attempts_ = 1;
    look();
  }

  void look() {
    if (next_ == target_.services.size()) return wrong_.empty() ? succeed("") : fail(wrong_);
    if (!mayStart(kLimit)) return;
    kube::ListOptions options;
    // https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ownership
    options.labelSelector = "kubernetes.io/service-name=" + target_.services[next_];
    options.limit = 0;
    kube::ApiRequest q = kube::list(kube::resources::endpointSlices, group().meta.ns, options);
    q.lane = kube::Lane::RoleChange;
    q.timeout = kLimit;
    q.retries = 1;
    request(std::move(q), [this](Result<http::Response> answer) { seen(std::move(answer)); });
  }

  void seen(Result<http::Response> answer) {
    const std::string& service = target_.services[next_];
    if (!answer) return fail("EndpointSlices of Service " + service + ": " + answer.error().message);
    const api::Json slices = api::Json::parse(answer->body, nullptr, false);
    if (!slices.is_object()) return fail("EndpointSlices of Service " + service + ": the answer is no JSON object");
    const std::string w = misrouted(service, api::endpointsFromJson(slices), effect_.id.pod, target_.otherMembers);
    if (!w.empty()) wrong_ += (wrong_.empty() ? "" : "; ") + w;
    ++next_;
    look();
  }

  size_t next_ = 0;  // Service to be looked at
  std::string wrong_;
};

}  // namespace

std::shared_ptr<Run> routingRun(RunArguments a) {
  return std::make_shared<RoutingRun>(std::move(a.context), std::move(a.effect), std::move(a.target),
                                      std::move(a.done));
}

}  // namespace baton::mechanisms
