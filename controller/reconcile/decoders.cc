#include "reconcile/decoders.h"

#include "kube/json_decoder.h"
#include "kube/lean_json.h"
#include "kube/status_error.h"

namespace baton::reconcile {
namespace {

using kube::EventType;

EventType typeOf(const std::string& word) {
  if (word == "ADDED") return EventType::Added;
  if (word == "MODIFIED") return EventType::Modified;
  if (word == "DELETED") return EventType::Deleted;
  return word == "BOOKMARK" ? EventType::Bookmark : EventType::Error;
}

Result<kube::WatchEvent<api::Pod>> podEvent(std::string_view line) {
  auto e = api::decodePodEvent(line);
  if (!e) return std::move(e).error();
  kube::WatchEvent<api::Pod> out;
  out.head.type = typeOf(e->type);
  out.head.resourceVersion = e->pod.meta.resourceVersion;
  out.head.initialEventsEnd = e->initialEventsEnd;
  if (out.head.type == EventType::Error) {
    // Rare, and its details decide what follows: read in full, but no deeper than the stack allows.
    const api::Json status = kube::parseLean(line);
    out.head.error =
        kube::statusError(e->errorCode, {}, status.is_object() ? api::object(status, "object").dump() : "");
  } else if (out.head.type != EventType::Bookmark) {
    out.object = std::make_shared<const api::Pod>(std::move(e->pod));
  }
  return out;
}

Result<kube::ListPage<api::Pod>> podPage(std::string body) {
  auto l = api::decodePodList(std::move(body));
  if (!l) return std::move(l).error();
  kube::ListPage<api::Pod> page;
  page.head = {l->resourceVersion, std::move(l->continueToken)};
  page.items.reserve(l->items.size());
  for (auto& p : l->items) page.items.push_back(std::make_shared<const api::Pod>(std::move(p)));
  return page;
}

bool needsRights(const api::HaGroupSpec& s) {
  for (const auto kind : api::kHookKinds)
    if (s.hook(kind)) return true;
  for (const auto& step : s.failover.fencing.steps)
    if (step.type == api::FenceStep::DeletePod) return true;
  return false;
}

}  // namespace

kube::Decoder<api::HaGroup> groupDecoder(bool multiTenant) {
  return kube::jsonDecoder<api::HaGroup>([multiTenant](const api::Json& j) -> Result<api::HaGroup> {
    api::HaGroup g = api::haGroupFromJson(j);
    if (multiTenant && g.spec->serviceAccountName.empty() && needsRights(*g.spec)) {
      api::HaGroupSpec spec = *g.spec;
      spec.error = "spec.serviceAccountName: required here (--multi-tenant), as hooks are called with its rights";
      g.spec = std::make_shared<const api::HaGroupSpec>(std::move(spec));
    }
    return g;
  });
}

kube::Decoder<api::SwitchoverRequest> requestDecoder() {
  return kube::jsonDecoder<api::SwitchoverRequest>(
      [](const api::Json& j) -> Result<api::SwitchoverRequest> { return api::switchoverFromJson(j); });
}
kube::Decoder<api::Pod> podDecoder() { return {podEvent, podPage}; }
kube::Decoder<api::Node> nodeDecoder() {
  return kube::jsonDecoder<api::Node>([](const api::Json& j) -> Result<api::Node> { return api::nodeFromJson(j); });
}
kube::Decoder<api::Service> serviceDecoder() {
  return kube::jsonDecoder<api::Service>(
      [](const api::Json& j) -> Result<api::Service> { return api::serviceFromJson(j); });
}

}  // namespace baton::reconcile
