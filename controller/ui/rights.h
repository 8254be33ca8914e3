// What a user may see and do, namespace by namespace: asked of Kubernetes' RBAC.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "gateway/access.h"

namespace baton::ui {

/// In one namespace. Requests and changes are asked for only where groups may be seen.
struct Right {
  bool groups = false, requests = false, change = false;
  bool operator==(const Right&) const = default;
};

class Rights {
 public:
  Right in(const std::string& ns) const;
  /// All that he may there has been asked.
  bool knows(const std::string& ns) const { return everywhere_ == Right{true, true, true} || asked_.contains(ns); }
  /// They allow the same.
  bool operator==(const Rights& other) const { return everywhere_ == other.everywhere_ && in_ == other.in_; }

 private:
  friend class RightsQuestion;
  Right everywhere_;
  std::map<std::string, Right> in_;  // where he may something
  std::set<std::string> asked_;
};

/// `done` runs once, at once or on another thread, and must not block; an Error: the API server can't be asked.
/// `access` must outlive that.
using RightsDone = std::function<void(Result<Rights>)>;
/// For all namespaces at once, and then for those where that does not tell.
void askRights(gateway::Access& access, std::shared_ptr<const gateway::User> user, std::set<std::string> namespaces,
               RightsDone done);
/// In one namespace.
void askRight(gateway::Access& access, std::shared_ptr<const gateway::User> user, const std::string& ns,
              RightsDone done);

}  // namespace baton::ui
