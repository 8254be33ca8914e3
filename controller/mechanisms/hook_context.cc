#include "mechanisms/hook_context.h"

#include <map>
#include <nlohmann/json.hpp>

#include "mechanisms/expansion.h"

namespace baton::mechanisms {

HookContext hookContext(const ha::Effect& effect, const Target& target) {
  HookContext c;
  c.group = target.group->meta.name;
  c.ns = target.group->meta.ns;
  c.request = effect.request;
  c.epoch = effect.epoch;
  c.role = effect.role;
  c.pod = effect.id.pod;
  if (target.pod) c.podIp = target.pod->ip;
  c.primaryPod = effect.primary;
  if (target.primaryPod) c.primaryIp = target.primaryPod->ip;
  return c;
}

std::vector<std::string> expandCommand(const std::vector<std::string>& command, const HookContext& c) {
  const std::map<std::string_view, std::string> known = {
      {"BATON_GROUP", c.group},
      {"BATON_NAMESPACE", c.ns},
      {"BATON_REQUEST", c.request},
      {"BATON_ROLE", c.role},
      {"BATON_EPOCH", std::to_string(c.epoch)},
      {"BATON_POD", c.pod},
      {"BATON_POD_IP", c.podIp},
      {"BATON_PRIMARY_POD", c.primaryPod},
      {"BATON_PRIMARY_IP", c.primaryIp},
  };
  const Variables variables = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = known.find(name);
    if (found == known.end()) return std::nullopt;
    return found->second;
  };
  std::vector<std::string> out;
  out.reserve(command.size());
  for (const std::string& word : command) out.push_back(expand(word, variables));
  return out;
}

std::string jsonBody(const HookContext& c) {
  const nlohmann::json body = {
      {"group", c.group},        {"namespace", c.ns}, {"request", c.request}, {"epoch", c.epoch},
      {"role", c.role},          {"pod", c.pod},      {"podIP", c.podIp},     {"primaryPod", c.primaryPod},
      {"primaryIP", c.primaryIp}};
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace baton::mechanisms
