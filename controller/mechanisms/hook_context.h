// PURE: what a hook learns, as variables of a command and as the JSON body of an HTTP request.
#pragma once

#include <string>
#include <vector>

#include "ha/effect.h"
#include "mechanisms/mechanisms.h"

namespace baton::mechanisms {

struct HookContext {
  std::string group, ns, request, role, pod, podIp, primaryPod, primaryIp;  // "" when there is none
  int64_t epoch = 0;
};
HookContext hookContext(const ha::Effect& effect, const Target& target);

/// The command with $(BATON_...) replaced.
std::vector<std::string> expandCommand(const std::vector<std::string>& command, const HookContext& context);
std::string jsonBody(const HookContext& context);

}  // namespace baton::mechanisms
