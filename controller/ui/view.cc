#include "ui/view.h"

#include "api/words.h"

namespace baton::ui {
namespace {

using api::Json;

Json metadata(const api::Meta& meta) {
  return {{"namespace", meta.ns}, {"name", meta.name}, {"uid", meta.uid}, {"created", formatTime(meta.created)}};
}

Json spec(const api::SwitchoverSpec& s) {
  Json j = {{"mode", name(s.mode)}, {"timeoutSeconds", s.timeoutSeconds}, {"dryRun", s.dryRun}, {"cancel", s.cancel}};
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) j[key] = value;
  };
  add("candidate", s.candidate);
  add("candidateZone", s.candidateZone);
  add("expectedPrimary", s.expectedPrimary);
  add("reason", s.reason);
  if (s.scheduledAt) j["scheduledAt"] = formatTime(*s.scheduledAt);
  return j;
}

}  // namespace

Json toJson(const api::HaGroup& group, const Request& active, bool history) {
  Json j = metadata(group.meta);
  j["paused"] = group.spec->paused;
  j["failoverMode"] = name(group.spec->failover.mode);
  j["switchoverEnabled"] = group.spec->switchover.enabled;
  Json status = api::toJson(group.status);
  if (!history) status.erase("history");
  j["status"] = std::move(status);
  j["activeRequest"] = active ? toJson(*active) : Json(nullptr);
  return j;
}

Json toJson(const api::SwitchoverRequest& request) {
  Json j = metadata(request.meta);
  j["group"] = request.spec.group;
  j["trigger"] = request.trigger;
  j["requestedBy"] = request.requestedBy;
  j["spec"] = spec(request.spec);
  j["status"] = api::toJson(request.status);
  return j;
}

// JSON has no line break in it when it is not indented.
std::string event(std::string_view name, std::string_view json) {
  return "event: " + std::string(name) + "\ndata: " + std::string(json) + "\n\n";
}

}  // namespace baton::ui
