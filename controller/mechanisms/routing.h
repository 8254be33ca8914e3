// PURE: do Services send traffic where they should?
#pragma once

#include <string>
#include <vector>

#include "api/core.h"

namespace baton::mechanisms {

/// What is wrong with a Service's endpoints, as words: the primary is not among the ready ones, or another member
/// still is. Empty: nothing.
std::string misrouted(const std::string& service, const api::Endpoints& endpoints, const std::string& primary,
                      const std::vector<std::string>& others);

}  // namespace baton::mechanisms
