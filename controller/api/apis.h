// spec.apis of a HaGroup: the names under which vendor-shaped REST calls mean it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/json.h"

namespace baton::api {

/// The five REST paths.
enum class ApiKind { Connector, Dcs, Hcx, Sbc, Polardb };
inline constexpr ApiKind kApiKinds[] = {ApiKind::Connector, ApiKind::Dcs, ApiKind::Hcx, ApiKind::Sbc, ApiKind::Polardb};
std::string_view name(ApiKind kind);  // "connector", as in metrics and triggers

/// What a call calls a group: a host, or ids. A host is in lower case and without a port.
struct ApiIdentity {
  ApiKind kind = ApiKind::Connector;
  std::string id;       // host, instance_id, groupId, DBClusterId
  std::string project;  // project_id of the path dcs; else empty
  auto operator<=>(const ApiIdentity&) const = default;
};

struct Apis {
  std::vector<ApiIdentity> group;              // that mean the group
  std::map<std::string, std::string> hostOf;   // connector.memberHosts: pod → host
  std::map<std::string, std::string> nodeIds;  // polardb.nodeIds: pod → id
};

/// Null when spec.apis names nothing, as with most groups.
std::shared_ptr<const Apis> apisFromJson(const Json& apis);

}  // namespace baton::api
