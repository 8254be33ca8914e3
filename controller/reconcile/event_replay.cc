#include "reconcile/event_replay.h"

#include <memory>
#include <unordered_set>

#include "api/json.h"
#include "base/log.h"
#include "kube/event_series.h"
#include "kube/request.h"
#include "reconcile/announcer.h"

namespace baton::reconcile {
namespace {

/// The same objects as events.k8s.io/v1 serves, which can't be selected by kind there.
const kube::Resource kEvents{"", "v1", "events"};

struct Replay : std::enable_shared_from_this<Replay> {
  kube::Client& client;
  kube::EventRecorder& events;
  const std::string ns;
  std::vector<api::SwitchoverRequest> finished;
  std::unordered_set<std::string> known;  // uids of requests whose end has an Event

  Replay(kube::Client& c, kube::EventRecorder& e, std::string n, std::vector<api::SwitchoverRequest> f)
      : client(c), events(e), ns(std::move(n)), finished(std::move(f)) {}

  void page(const std::string& token) {
    kube::ListOptions options;
    options.fieldSelector = "involvedObject.kind=SwitchoverRequest";
    options.continueToken = token;
    auto request = kube::list(kEvents, ns, options);
    request.lane = kube::Lane::Event;
    client.send(std::move(request),
                [self = shared_from_this()](Result<http::Response> r) { self->answered(std::move(r)); });
  }

  void answered(Result<http::Response> r) {
    if (!r) return log::warn("Events of earlier role changes could not be listed", {{"error", r.error().message}});
    const api::Json list = api::Json::parse(r->body, nullptr, false);
    for (const auto& e : api::array(list, "items")) {
      const api::Json& about = api::object(e, "involvedObject");
      const std::string reason = api::text(e, "reason");
      known.insert(api::text(about, "uid") + "/" + reason);
    }
    const std::string next = api::text(api::object(list, "metadata"), "continue");
    if (!next.empty()) return page(next);
    for (const auto& request : finished) {
      const auto o = Announcer::ending(request);
      if (!known.count(request.meta.uid + "/" + o.reason)) events.record(o);
    }
  }
};

}  // namespace

void replayEndings(kube::Client& client, kube::EventRecorder& events, const std::string& ns,
                   std::vector<api::SwitchoverRequest> finished, Time now) {
  std::erase_if(finished, [&](const api::SwitchoverRequest& r) {
    return !api::finished(r.status.phase) || !r.status.completion || *r.status.completion + kReplayWindow < now;
  });
  if (finished.empty()) return;
  std::make_shared<Replay>(client, events, ns, std::move(finished))->page("");
}

}  // namespace baton::reconcile
