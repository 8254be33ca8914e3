// PURE: the write that gives a pod its role label.
#pragma once

#include <optional>
#include <string>

#include "api/hagroup.h"
#include "api/pod.h"
#include "ha/effect.h"

namespace baton::mechanisms {

/// What a pod's metadata shall say.
struct Labelling {
  std::string key, value;        // role label
  std::string group;             // annotation ha.baton.dev/group
  std::optional<int64_t> epoch;  // annotation ha.baton.dev/epoch; nothing: stays as it is
  std::optional<int> ends;       // annotation ha.baton.dev/container-ends; likewise
};
/// For SetPrimary, SetStandby and MarkFollowed.
Labelling labelling(const ha::Effect& effect, const api::HaGroup& group);

/// Does the pod say so already?
bool has(const api::Pod& pod, const Labelling& wanted);

/// RFC 7386, with the pod's uid, and its resourceVersion (when known) as precondition.
std::string labelPatch(const api::Pod& pod, const Labelling& wanted);

/// The epoch in the pod's annotation when it is a newer one than `epoch`.
std::optional<int64_t> newerEpoch(const api::Pod& pod, int64_t epoch);

}  // namespace baton::mechanisms
