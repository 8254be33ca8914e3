#include "api/apis.h"

namespace baton::api {
namespace {

std::map<std::string, std::string> words(const Json& j) {
  std::map<std::string, std::string> all;
  for (const auto& [key, value] : j.items())
    if (value.is_string() && !value.get_ref<const std::string&>().empty()) all.emplace(key, value.get<std::string>());
  return all;
}

void addHosts(std::vector<ApiIdentity>& all, ApiKind kind, const Json& hosts) {
  for (const auto& host : hosts)
    if (host.is_string() && !host.get_ref<const std::string&>().empty())
      all.push_back({kind, host.get<std::string>(), ""});
}

}  // namespace

std::string_view name(ApiKind kind) {
  switch (kind) {
    case ApiKind::Connector:
      return "connector";
    case ApiKind::Dcs:
      return "dcs";
    case ApiKind::Hcx:
      return "hcx";
    case ApiKind::Sbc:
      return "sbc";
    case ApiKind::Polardb:
      return "polardb";
  }
  return "";
}

std::shared_ptr<const Apis> apisFromJson(const Json& j) {
  if (j.empty()) return nullptr;
  auto apis = std::make_shared<Apis>();
  const Json& connector = object(j, "connector");
  addHosts(apis->group, ApiKind::Connector, array(connector, "hosts"));
  apis->hostOf = words(object(connector, "memberHosts"));
  const Json &dcs = object(j, "dcs"), &hcx = object(j, "hcx"), &polardb = object(j, "polardb");
  if (const std::string id = text(dcs, "instanceId"); !id.empty())
    apis->group.push_back({ApiKind::Dcs, id, text(dcs, "projectId")});
  if (const std::string id = text(hcx, "groupId"); !id.empty()) apis->group.push_back({ApiKind::Hcx, id, ""});
  addHosts(apis->group, ApiKind::Sbc, array(object(j, "sbc"), "hosts"));
  if (const std::string id = text(polardb, "dbClusterId"); !id.empty())
    apis->group.push_back({ApiKind::Polardb, id, ""});
  apis->nodeIds = words(object(polardb, "nodeIds"));
  return apis->group.empty() && apis->hostOf.empty() ? nullptr : apis;
}

}  // namespace baton::api
