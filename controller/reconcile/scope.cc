#include "reconcile/scope.h"

#include <algorithm>
#include <type_traits>

#include "base/log.h"
#include "kube/request.h"
#include "reconcile/decoders.h"

namespace baton::reconcile {
namespace {

/// A watch says at least that it ends, and the next one that it begins.
constexpr std::chrono::seconds kRoleWatch{12};

}  // namespace

Scope::Scope(std::string ns, ScopeParts parts)
    : ns_(std::move(ns)),
      parts_(parts),
      world_([this](const std::string& key) { parts_.queue.add(key); }, parts_.names),
      writer_(parts.client, world_,
              [&leadership = parts.leadership] { return leadership.mayStart(std::chrono::milliseconds(1)); }),
      reconciler_(std::make_shared<GroupReconciler>(
          GroupReconciler::Parts{world_, writer_, parts.mechanisms, parts.queue, parts.leadership, parts.announcer,
                                 parts.metrics, parts.clock, parts.othersMayLead, parts.detector, parts.fleet})) {
  add<api::HaGroup>(kube::resources::haGroups, true, false, groupDecoder(parts.multiTenant), world_.groups());
  add<api::SwitchoverRequest>(kube::resources::switchoverRequests, true, false, requestDecoder(), world_.requests());
  add<api::Node>(kube::resources::nodes, false, true, nodeDecoder(), world_.nodes());
  add<api::Service>(kube::resources::services, true, true, serviceDecoder(), world_.services());
  add<api::Pod>(kube::resources::pods, true, false, podDecoder(), world_.pods());
}

template <class T>
void Scope::add(const kube::Resource& resource, bool namespaced, bool optional, kube::Decoder<T> decoder,
                kube::Sink<T> sink) {
  kube::ReflectorOptions o;
  o.watch.resource = resource;
  if (namespaced) o.watch.ns = ns_;
  const bool roles = std::is_same_v<T, api::HaGroup> || std::is_same_v<T, api::Pod>;
  if (roles) {
    o.watch.lasts = kRoleWatch;
    o.watch.silence = kHeard;
  }
  if (parts_.seed) o.seed = *parts_.seed + watches_.size();
  o.onRestart = [this, plural = resource.plural](std::string_view reason) {
    parts_.metrics.watchRestarted(plural, reason);
  };
  o.onSynced = [plural = resource.plural] { log::debug("synced", {{"resource", plural}}); };
  watches_.push_back({resource.plural,
                      std::make_unique<kube::Reflector<T>>(parts_.client, parts_.timers, parts_.clock, std::move(o),
                                                           std::move(decoder), std::move(sink)),
                      optional, roles});
}

std::chrono::duration<double> Scope::age() const {
  double oldest = 0;
  for (const auto& w : watches_)
    if (w.roles) oldest = std::max(oldest, w.reflector->secondsSinceLastActivity());
  return std::chrono::duration<double>(oldest);
}

void Scope::start() {
  for (auto& w : watches_) w.reflector->start();
}

void Scope::stop() {
  for (auto& w : watches_) w.reflector->stop();
}

bool Scope::synced() const {
  for (const auto& w : watches_) {
    if (w.reflector->synced()) continue;
    const auto error = w.reflector->lastError();
    const bool refused = error && error->kind == Error::Kind::Forbidden;
    if (!(w.optional && refused)) return false;
  }
  return true;
}

std::string Scope::trouble() const {
  std::string all;
  for (const auto& w : watches_) {
    if (w.reflector->synced()) continue;
    const auto error = w.reflector->lastError();
    all += (all.empty() ? "" : "; ") + w.plural + ": " + (error ? error->message : "not listed yet");
  }
  return all;
}

const Scope* scopeOf(const std::vector<std::unique_ptr<Scope>>& all, const std::string& ns) {
  for (const auto& scope : all)
    if (scope->holds(ns)) return scope.get();
  return nullptr;
}

}  // namespace baton::reconcile
