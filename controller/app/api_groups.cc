#include "app/api_groups.h"

#include "ha/candidates.h"
#include "ha/guards.h"

namespace baton::app {

using reconcile::scopeOf;

namespace {

std::string roleOf(ha::Label label) {
  return label == ha::Label::Primary ? "primary" : label == ha::Label::Standby ? "standby" : "";
}

std::string nodeOf(const api::HaGroup& group, const std::string& pod) {
  const auto& ids = group.spec->apis->nodeIds;
  const auto found = ids.find(pod);
  return found == ids.end() ? pod : found->second;
}

facades::Group describe(const reconcile::View& view, const std::string& addressed) {
  const ha::Snapshot& s = view.snapshot;
  facades::Group g;
  g.ns = s.group.meta.ns;
  g.name = s.group.meta.name;
  g.primary = ha::holder(s);
  g.originalZone = s.group.status.originalZone;
  g.neverHadPrimary = ha::neverHadPrimary(s);
  g.addressed = addressed;
  const auto add = [&](const ha::Member& m, bool eligible) {
    g.members.push_back({m.name, m.zone, roleOf(m.label), ha::priority(m), eligible, nodeOf(*view.group, m.name)});
  };
  // The members are not asked for this: whether their probes answer is found out by the request.
  for (const auto& standing : ha::choose(s, g.primary, {}, {}).all)
    if (const ha::Member* m = s.member(standing.pod)) add(*m, standing.eligible || standing.laggard);
  if (const ha::Member* m = s.member(g.primary)) add(*m, false);
  return g;
}

api::SwitchoverRequest asRequest(const reconcile::View& view, const facades::Intent& intent) {
  api::SwitchoverRequest r;
  r.meta.ns = view.group->meta.ns;
  r.spec.group = view.group->meta.name;
  r.spec.mode = intent.mode;
  r.spec.candidate = intent.candidate;
  r.spec.candidateZone = intent.candidateZone;
  r.spec.expectedPrimary = intent.expectedPrimary;
  return r;
}

}  // namespace

// All scopes have the same names, so any of them can be asked.

std::optional<facades::Group> ApiGroups::find(const api::ApiIdentity& identity) const {
  const auto named = std::as_const(*scopes_.front()).world().named(identity);
  const auto* scope = named ? scopeOf(scopes_, named->group->meta.ns) : nullptr;
  if (!scope) return std::nullopt;
  const auto view = scope->world().view(named->group->meta.ns, named->group->meta.name, clock_.now());
  if (!view || !view->group->spec->apis) return std::nullopt;
  return describe(*view, named->pod);
}

std::optional<std::chrono::seconds> ApiGroups::unheard(const std::string& ns) const {
  const auto* scope = scopeOf(scopes_, ns);
  const auto age = scope ? scope->age() : std::chrono::duration<double>(0);
  if (age <= reconcile::Scope::kHeard) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(age);
}

bool ApiGroups::elsewhere(const api::ApiIdentity& identity) const {
  return std::as_const(*scopes_.front()).world().hasApiId(identity.id);
}

std::optional<gateway::Groups::Refusal> ApiGroups::refusal(const std::string& ns, const std::string& group,
                                                           const facades::Intent& intent) const {
  const auto* scope = scopeOf(scopes_, ns);
  const auto view = scope ? scope->world().view(ns, group, clock_.now()) : std::nullopt;
  if (!view) return Refusal{api::Reason::GroupNotFound, "there is no HaGroup " + group + " any more."};
  const ha::Snapshot& s = view->snapshot;
  for (const auto& r : s.requests)
    if (!api::finished(r.status.phase) && !r.meta.deleted && !r.spec.dryRun &&
        (api::started(r.status.phase) || !r.spec.scheduledAt))
      return Refusal{api::Reason::Busy, "request " + r.meta.name + " is changing roles."};
  const api::SwitchoverRequest r = asRequest(*view, intent);
  if (const ha::Refusal f = ha::refusal(s, r)) return Refusal{f.reason, f.message};
  const ha::Choice c =
      ha::choose(s, ha::holder(s), {intent.candidate, intent.candidateZone, intent.mode == api::Mode::Forced}, {});
  // What its probes say is not known yet.
  const bool probed = s.spec().hook(api::HookKind::Probe) != nullptr;
  if (c.pod.empty() && !(probed && c.reason == api::Reason::UnhealthyReplication)) return Refusal{c.reason, c.message};
  return std::nullopt;
}

gateway::Groups::Request ApiGroups::request(const std::string& ns, const std::string& name) const {
  const auto* scope = scopeOf(scopes_, ns);
  return scope ? scope->world().request(ns, name) : nullptr;
}

gateway::Groups::Request ApiGroups::requestByUid(const std::string& uid) const {
  for (const auto& scope : scopes_)
    if (auto found = std::as_const(*scope).world().requestByUid(uid)) return found;
  return nullptr;
}

}  // namespace baton::app
