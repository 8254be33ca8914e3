// A coordination.k8s.io/v1 Lease to and from JSON:
// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/
#include <nlohmann/json.hpp>

#include "kube/leader_elector.h"

namespace baton::kube {
namespace {

using nlohmann::json;

std::string text(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

int64_t number(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_number_integer() ? it->get<int64_t>() : 0;
}

json specOf(const LeaseRecord& record) {
  json spec = {{"holderIdentity", record.holderIdentity},
               {"leaseDurationSeconds", record.leaseDurationSeconds},
               {"leaseTransitions", record.leaseTransitions}};
  if (record.acquireTime) spec["acquireTime"] = formatTime(*record.acquireTime);
  if (record.renewTime) spec["renewTime"] = formatTime(*record.renewTime);
  return spec;
}

}  // namespace

Result<LeaseRecord> parseLease(const std::string& body) {
  const json lease = json::parse(body, nullptr, false);
  const auto metadata = lease.is_object() ? lease.find("metadata") : lease.end();
  if (metadata == lease.end() || !metadata->is_object()) return internal("the server's answer is no Lease");
  LeaseRecord record;
  record.resourceVersion = text(*metadata, "resourceVersion");
  const auto spec = lease.find("spec");
  if (spec == lease.end() || !spec->is_object()) return record;  // made by hand: free
  record.holderIdentity = text(*spec, "holderIdentity");
  record.leaseDurationSeconds = number(*spec, "leaseDurationSeconds");
  record.leaseTransitions = number(*spec, "leaseTransitions");
  record.acquireTime = parseTime(text(*spec, "acquireTime"));
  record.renewTime = parseTime(text(*spec, "renewTime"));
  return record;
}

std::string leaseBody(const LeaseRecord& record, const std::string& ns, const std::string& name) {
  return json{{"apiVersion", "coordination.k8s.io/v1"},
              {"kind", "Lease"},
              {"metadata", {{"namespace", ns}, {"name", name}}},
              {"spec", specOf(record)}}
      .dump();
}

std::string leasePatch(const LeaseRecord& record) {
  return json{{"metadata", {{"resourceVersion", record.resourceVersion}}}, {"spec", specOf(record)}}.dump();
}

}  // namespace baton::kube
