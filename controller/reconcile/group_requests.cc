// Requests that Baton makes itself: failover, drain, failback.
#include "base/log.h"
#include "base/text.h"
#include "ha/failure.h"
#include "reconcile/detector.h"
#include "reconcile/fleet.h"
#include "reconcile/group_reconciler.h"

namespace baton::reconcile {
namespace {

/// Nobody but Baton waits for it, and there may be many.
constexpr int kKeptSeconds = 3600;

std::string bodyOf(const std::string& ns, const ha::NewRequest& n) {
  api::Json spec = {{"groupRef", {{"name", n.spec.group}}},
                    {"mode", std::string(api::name(n.spec.mode))},
                    {"timeoutSeconds", n.spec.timeoutSeconds},
                    {"ttlSecondsAfterFinished", kKeptSeconds},
                    {"reason", cutText(n.spec.reason, 256)}};
  if (!n.spec.candidate.empty()) spec["candidate"] = n.spec.candidate;
  if (!n.spec.expectedPrimary.empty()) spec["expectedPrimary"] = n.spec.expectedPrimary;
  const api::Json metadata = {{"namespace", ns},
                              {"name", n.name},
                              {"labels", {{api::kTriggerLabel, n.trigger}}},
                              {"annotations", {{api::kRequestedByAnnotation, "baton-controller"}}}};
  const api::Json object = {
      {"apiVersion", "ha.baton.dev/v1alpha1"}, {"kind", "SwitchoverRequest"}, {"metadata", metadata}, {"spec", spec}};
  return object.dump(-1, ' ', false, api::Json::error_handler_t::replace);
}

}  // namespace

void GroupReconciler::make(const std::string& key, const View& v, const ha::NewRequest& n) {
  const auto shared = std::make_shared<const View>(v);
  const bool failover = n.trigger == std::string_view(api::kFailoverTrigger);
  const auto create = [self = shared_from_this(), key, shared, n, failover](const Status& s) {
    if (!s.ok()) return self->wrote(key, "the primary's pod, of which a failover is about to be made", s);
    if (failover && !self->stillFailed(key, *shared))
      return self->wrote(key, n.name, conflict("the primary is well again"));
    self->create(key, *shared, n);
  };
  // A cache that is late must not cost a healthy primary its role.
  if (failover && !v.snapshot.group.status.primary.empty())
    p_.writer.confirmPod(v.group->meta.ns, v.snapshot.group.status.primary, create);
  else
    create(Ok{});
}

/// The answer to a question may take long, and who had failed when it was asked may be well again.
bool GroupReconciler::stillFailed(const std::string& key, const View& v) const {
  if (v.snapshot.group.status.primary.empty()) return true;
  auto now = p_.world.view(v.group->meta.ns, v.group->meta.name, p_.clock.now());
  if (!now) return false;
  if (p_.detector) p_.detector->fill(key, now->snapshot);
  return static_cast<bool>(ha::failure(now->snapshot));
}

void GroupReconciler::create(const std::string& key, const View& v, const ha::NewRequest& n) {
  if (n.trigger == std::string_view(api::kFailoverTrigger)) {
    if (p_.fleet && !p_.fleet->reserve(key)) return wrote(key, n.name, conflict("too many failovers are under way"));
    const auto trouble = p_.detector ? p_.detector->troubleFor(key, v.snapshot.group.status.primary) : std::nullopt;
    if (trouble) p_.metrics.detected(trouble->count());
  }
  log::info("a request is made", {{"namespace", v.group->meta.ns},
                                  {"group", v.group->meta.name},
                                  {"request", n.name},
                                  {"trigger", n.trigger},
                                  {"detail", n.spec.reason}});
  p_.writer.create(v.group->meta.ns, bodyOf(v.group->meta.ns, n),
                   [self = shared_from_this(), key, name = n.name](const Status& s) {
                     self->wrote(key, "SwitchoverRequest " + name, s);
                   });
}

}  // namespace baton::reconcile
