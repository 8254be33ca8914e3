// The account that a pod is given:
// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api
#pragma once

#include <optional>

#include "base/result.h"
#include "kube/config.h"

namespace baton::kube {

/// Nothing when this is no pod, or one without a mounted token; an Error when it is and what is there can't be used.
std::optional<Result<Config>> inClusterConfig(const ConfigOptions& options);

}  // namespace baton::kube
