#include "gateway/request_json.h"

#include "api/json.h"
#include "base/crypto.h"

namespace baton::gateway {
namespace {

const char *const kTrigger = "ha.baton.dev/trigger", *const kBy = "ha.baton.dev/requested-by",
                  *const kCall = "ha.baton.dev/call-id", *const kIdentity = "ha.baton.dev/api-id",
                  *const kFingerprint = "ha.baton.dev/call-parameters";

}  // namespace

std::string requestName(api::ApiKind api, const std::string& ns, const std::string& group, const std::string& what) {
  return std::string(name(api)) + "-" + hex(sha256(ns + "/" + group + "\n" + what)).substr(0, 32);
}

std::string requestBody(const std::string& ns, const std::string& name, const std::string& group,
                        const facades::Intent& intent, const Origin& origin) {
  api::Json spec = {{"groupRef", {{"name", group}}}, {"mode", intent.mode == api::Mode::Forced ? "Forced" : "Planned"}};
  if (!intent.candidate.empty()) spec["candidate"] = intent.candidate;
  if (!intent.candidateZone.empty() && intent.candidate.empty()) spec["candidateZone"] = intent.candidateZone;
  if (!intent.expectedPrimary.empty()) spec["expectedPrimary"] = intent.expectedPrimary;
  const api::Json metadata = {{"namespace", ns},
                              {"name", name},
                              {"labels", {{kTrigger, std::string(api::name(origin.api))}}},
                              {"annotations",
                               {{kBy, origin.user},
                                {kCall, origin.callId},
                                {kIdentity, origin.identity},
                                {kFingerprint, hex(sha256(origin.fingerprint))}}}};
  const api::Json object = {
      {"apiVersion", "ha.baton.dev/v1alpha1"}, {"kind", "SwitchoverRequest"}, {"metadata", metadata}, {"spec", spec}};
  return object.dump(-1, ' ', false, api::Json::error_handler_t::replace);
}

Origin originOf(const api::Json& object) {
  const api::Json& metadata = api::object(object, "metadata");
  const api::Json& annotations = api::object(metadata, "annotations");
  Origin o;
  const std::string trigger = api::text(api::object(metadata, "labels"), kTrigger);
  for (const auto kind : api::kApiKinds)
    if (trigger == api::name(kind)) o.api = kind;
  o.user = api::text(annotations, kBy);
  o.callId = api::text(annotations, kCall);
  o.identity = api::text(annotations, kIdentity);
  o.fingerprint = api::text(annotations, kFingerprint);
  return o;
}

}  // namespace baton::gateway
