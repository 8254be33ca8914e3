// What the page knows of the cluster, from the Worlds of all scopes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "reconcile/scope.h"
#include "ui/source.h"

namespace baton::app {

class UiSource final : public ui::Source {
 public:
  /// With positions and lag as this replica sees them itself, when it asks that group's members.
  using UpToDate = std::function<std::optional<api::HaGroup>(const api::HaGroup&)>;
  /// All must outlive it.
  UiSource(const std::vector<std::unique_ptr<reconcile::Scope>>& scopes, std::function<bool()> ready, UpToDate upToDate)
      : scopes_(scopes), ready_(std::move(ready)), upToDate_(std::move(upToDate)) {}

  bool ready() const override { return ready_(); }
  std::chrono::seconds unheard() const override;
  std::vector<ui::Group> groups() const override;
  ui::Group group(const std::string& ns, const std::string& name) const override;
  std::vector<ui::Request> requestsOf(const std::string& ns, const std::string& group) const override;
  ui::Request request(const std::string& ns, const std::string& name) const override;

 private:
  ui::Group current(ui::Group group) const;

  const std::vector<std::unique_ptr<reconcile::Scope>>& scopes_;
  const std::function<bool()> ready_;
  const UpToDate upToDate_;
};

}  // namespace baton::app
