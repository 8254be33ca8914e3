#include "ui/asked.h"

#include <algorithm>

namespace baton::ui {
namespace {

using api::Json;

// Later nobody expects any more that it begins; who only asked does not need the answer for long.
constexpr int kStartDeadlineSeconds = 60, kDryRunKeptSeconds = 3600;
constexpr const char* kTexts[] = {"candidate", "candidateZone", "mode", "expectedPrimary", "reason"};

Result<Json> readObject(const std::string& body) {
  // Deep nesting is of no use here, and costs stack.
  const auto shallow = [](int depth, Json::parse_event_t, Json&) { return depth < 8; };
  Json j = Json::parse(body, shallow, false);
  if (!j.is_object()) return invalid("the body is not a JSON object");
  return j;
}

bool isText(const char* key) {
  return std::any_of(std::begin(kTexts), std::end(kTexts), [&](const char* t) { return std::string_view(t) == key; });
}

}  // namespace

Result<facades::PasswordClaim> readSignIn(const std::string& body) {
  const auto j = readObject(body);
  if (!j) return j.error();
  if (!j->contains("user") || !(*j)["user"].is_string() || !j->contains("password") || !(*j)["password"].is_string())
    return invalid("expected {\"user\": TEXT, \"password\": TEXT}");
  return facades::PasswordClaim{(*j)["user"], (*j)["password"]};
}

Result<Json> readSwitchover(const std::string& body, const std::string& ns, const std::string& group,
                            const std::string& name, const std::string& user) {
  const auto j = readObject(body);
  if (!j) return j.error();
  Json spec = {{"groupRef", {{"name", group}}}, {"startDeadlineSeconds", kStartDeadlineSeconds}};
  for (const auto& [key, value] : j->items()) {
    const bool text = isText(key.c_str());
    if (!text && key != "dryRun") return invalid("'" + key + "' is not known here");
    if (text ? !value.is_string() : !value.is_boolean())
      return invalid("'" + key + "' is " + (text ? "a text" : "true or false"));
    if (!text || !value.get_ref<const std::string&>().empty()) spec[key] = value;
  }
  if (api::boolean(spec, "dryRun")) spec["ttlSecondsAfterFinished"] = kDryRunKeptSeconds;
  return Json{{"apiVersion", std::string(api::kGroup) + "/" + api::kVersion},
              {"kind", "SwitchoverRequest"},
              {"metadata", {{"namespace", ns}, {"name", name}, {"annotations", {{api::kRequestedByAnnotation, user}}}}},
              {"spec", std::move(spec)}};
}

}  // namespace baton::ui
