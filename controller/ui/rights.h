// What a user may see and do, namespace by namespace: asked of Kubernetes' RBAC, for all namespaces at once first.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "api/json.h"
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
  bool knows(const std::string& ns) const { return everywhere_.groups || in_.count(ns) > 0; }
  bool operator==(const Rights&) const = default;

 private:
  friend class RightsQuestion;
  Right everywhere_;
  std::map<std::string, Right> in_;
};

/// `done` runs once, at once or on another thread; an Error: the API server can't be asked. `access` must outlive that.
void askRights(gateway::Access& access, std::shared_ptr<const gateway::User> user, std::set<std::string> namespaces,
               std::function<void(Result<Rights>)> done);

}  // namespace baton::ui
