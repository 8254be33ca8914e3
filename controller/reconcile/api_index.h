// Which group a REST call means: groups by the names of their spec.apis. Thread-safe: one for all namespaces, as a name
// may be claimed in two of them; nobody is called with its lock.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/apis.h"
#include "api/hagroup.h"
#include "base/mutex.h"

namespace baton::reconcile {

class ApiIndex {
 public:
  struct Named {
    std::shared_ptr<const api::HaGroup> group;
    std::string pod;  // whose host it is; empty: the group's
  };
  /// Of two groups that claim a name the older one has it.
  static bool older(const Named& a, const Named& b);
  void add(const std::shared_ptr<const api::HaGroup>& group);
  void remove(const api::HaGroup& group);

  /// The oldest of those that claim the name.
  std::optional<Named> find(const api::ApiIdentity& identity) const;
  /// Which names of the group an older one has: "dcs i-1 (group orders)". A group of another namespace is not named.
  std::vector<std::string> contested(const api::HaGroup& group) const;
  /// The keys of other groups that claim a name of this one.
  std::vector<std::string> rivals(const api::HaGroup& group) const;
  /// Has any path this id?
  bool has(const std::string& id) const;

 private:
  std::optional<Named> oldest(const api::ApiIdentity& identity) const REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<api::ApiIdentity, std::vector<Named>> names_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, size_t> ids_ GUARDED_BY(mutex_);  // how many of names_ have it
};

}  // namespace baton::reconcile
