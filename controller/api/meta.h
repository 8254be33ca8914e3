// Of an object's metadata what Baton uses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace baton::api {

struct Meta {
  std::string ns;
  std::string name;
  std::string uid;
  /// Comparable among versions of one kind since Kubernetes 1.35 (KEP-5504); 0: not known.
  uint64_t resourceVersion = 0;
  int64_t generation = 0;
  Time created{};
  std::optional<Time> deleted;  // deletionTimestamp

  std::string key() const { return ns + "/" + name; }
};

inline constexpr const char* kGroup = "ha.baton.dev";
inline constexpr const char* kVersion = "v1alpha1";
inline constexpr const char* kEpochAnnotation = "ha.baton.dev/epoch";
inline constexpr const char* kContainerEndsAnnotation = "ha.baton.dev/container-ends";
inline constexpr const char* kGroupAnnotation = "ha.baton.dev/group";
inline constexpr const char* kTriggerLabel = "ha.baton.dev/trigger";
// Its values for the requests that Baton makes itself.
inline constexpr const char *kFailoverTrigger = "failover", *kFailbackTrigger = "failback", *kDrainTrigger = "drain";
inline constexpr const char* kRequestedByAnnotation = "ha.baton.dev/requested-by";
inline constexpr const char* kApiIdAnnotation = "ha.baton.dev/api-id";

}  // namespace baton::api
