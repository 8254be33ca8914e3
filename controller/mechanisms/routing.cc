#include "mechanisms/routing.h"

#include <algorithm>

namespace baton::mechanisms {

std::string misrouted(const std::string& service, const api::Endpoints& endpoints, const std::string& primary,
                      const std::vector<std::string>& others) {
  const auto ready = [&](const std::string& pod) {
    return std::find(endpoints.ready.begin(), endpoints.ready.end(), pod) != endpoints.ready.end();
  };
  std::string wrong;
  const auto add = [&](const std::string& words) { wrong += (wrong.empty() ? "" : ", ") + words; };
  if (!ready(primary)) add(primary + " is not a ready endpoint yet");
  for (const std::string& other : others)
    if (ready(other)) add(other + " is still a ready endpoint");
  return wrong.empty() ? "" : "Service " + service + ": " + wrong;
}

}  // namespace baton::mechanisms
