// What the REST API knows of the cluster, from the Worlds of all scopes.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/time.h"
#include "gateway/groups.h"
#include "reconcile/scope.h"

namespace baton::app {

class ApiGroups final : public gateway::Groups {
 public:
  /// All must outlive it.
  ApiGroups(const std::vector<std::unique_ptr<reconcile::Scope>>& scopes, const Clock& clock,
            std::function<bool()> ready)
      : scopes_(scopes), clock_(clock), ready_(std::move(ready)) {}

  bool ready() const override { return ready_(); }
  std::optional<facades::Group> find(const api::ApiIdentity& identity) const override;
  std::optional<std::chrono::seconds> unheard(const std::string& ns) const override;
  bool elsewhere(const api::ApiIdentity& identity) const override;
  std::optional<Refusal> refusal(const std::string& ns, const std::string& group,
                                 const facades::Intent& intent) const override;
  Request request(const std::string& ns, const std::string& name) const override;
  Request requestByUid(const std::string& uid) const override;

 private:
  const std::vector<std::unique_ptr<reconcile::Scope>>& scopes_;
  const Clock& clock_;
  const std::function<bool()> ready_;
};

}  // namespace baton::app
