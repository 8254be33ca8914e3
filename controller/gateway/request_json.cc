#include "gateway/request_json.h"

#include "api/json.h"
#include "base/crypto.h"

namespace baton::gateway {
namespace {

const char *const kCall = "ha.baton.dev/call-id", *const kFingerprint = "ha.baton.dev/call-parameters";
constexpr int kStartDeadlineSeconds = 60;

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
  if (intent.failBack) spec["failBack"] = true;
  // Enough for a new leader to be elected; later nobody expects it any more.
  spec["startDeadlineSeconds"] = kStartDeadlineSeconds;
  const api::Json metadata = {{"namespace", ns},
                              {"name", name},
                              {"labels", {{api::kTriggerLabel, std::string(api::name(origin.api))}}},
                              {"annotations",
                               {{api::kRequestedByAnnotation, origin.user},
                                {kCall, origin.callId},
                                {api::kApiIdAnnotation, origin.identity},
                                {kFingerprint, hex(sha256(origin.fingerprint))}}}};
  const api::Json object = {
      {"apiVersion", "ha.baton.dev/v1alpha1"}, {"kind", "SwitchoverRequest"}, {"metadata", metadata}, {"spec", spec}};
  return object.dump(-1, ' ', false, api::Json::error_handler_t::replace);
}

Origin originOf(const api::Json& object) {
  const api::Json& metadata = api::object(object, "metadata");
  const api::Json& annotations = api::object(metadata, "annotations");
  Origin o;
  const std::string trigger = api::text(api::object(metadata, "labels"), api::kTriggerLabel);
  for (const auto kind : api::kApiKinds)
    if (trigger == api::name(kind)) o.api = kind;
  o.user = api::text(annotations, api::kRequestedByAnnotation);
  o.callId = api::text(annotations, kCall);
  o.identity = api::text(annotations, api::kApiIdAnnotation);
  o.fingerprint = api::text(annotations, kFingerprint);
  return o;
}

}  // namespace baton::gateway
