// Which pods match which group's selector, kept up to date event by event. Not safe for threads: World guards it.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/hagroup.h"
#include "api/pod.h"

namespace baton::reconcile {

class Membership {
 public:
  using Group = std::shared_ptr<const api::HaGroup>;

  void addGroup(const Group& g);
  void removeGroup(const api::HaGroup& g);
  /// The same group with another version of its object; its selector may have changed only by recreation.
  void replaceGroup(const api::HaGroup& before, const Group& after);

  void addPod(const api::Pod& p);
  void removePod(const api::Pod& p);

  /// Groups whose selector matches the pod.
  std::vector<Group> groupsOf(const api::Pod& p) const;
  /// Names of the pods that match the group, in no order.
  const std::vector<std::string>& podsOf(const std::string& groupKey) const;
  /// Tells of a pod that was there before the group.
  void addPodTo(const api::HaGroup& g, const api::Pod& p);

  static bool matches(const api::HaGroup& g, const api::Pod& p);

 private:
  std::string bucket(const api::HaGroup& g) const;

  // "namespace\nkey=value" of a label that all members carry, or "namespace\n*" → groups
  std::unordered_map<std::string, std::vector<Group>> byLabel_;
  std::unordered_map<std::string, std::vector<std::string>> pods_;  // group key → pod names
};

}  // namespace baton::reconcile
