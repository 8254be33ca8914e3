// An Event of events.k8s.io/v1 as JSON. Limits of its fields: k8s.io/kubernetes pkg/apis/core/validation/events.go.
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "kube/event_series.h"

namespace baton::kube {
namespace {

using nlohmann::json;

constexpr size_t kLongestNote = 1024;
constexpr size_t kLongestWord = 128;  // reason, action, reportingInstance
constexpr size_t kLongestName = 253;  // RFC 1123 subdomain
constexpr size_t kHexDigits = 16;

/// FNV-1a: stays the same from one build to the next, as std::hash need not.
uint64_t hashOf(std::string_view s) {
  uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : s) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3ULL;
  }
  // FNV's high bits depend little on the last bytes: mixed as MurmurHash3 does at its end.
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ (h >> 33);
}

bool alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

json reference(const ObjectReference& o) {
  json j = {{"apiVersion", o.apiVersion}, {"kind", o.kind}, {"name", o.name}};
  if (!o.ns.empty()) j["namespace"] = o.ns;
  if (!o.uid.empty()) j["uid"] = o.uid;
  if (!o.resourceVersion.empty()) j["resourceVersion"] = o.resourceVersion;
  return j;
}

json seriesOf(const EventWrite& write) {
  return {{"count", write.count}, {"lastObservedTime", formatTime(write.last)}};
}

std::string text(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string eventName(std::string_view name, std::string_view hashed) {
  std::string s(name.substr(0, kLongestName - kHexDigits - 1));
  while (!s.empty() && !alphanumeric(s.back())) s.pop_back();
  std::array<char, kHexDigits + 1> hex{};
  std::snprintf(hex.data(), hex.size(), "%016llx", static_cast<unsigned long long>(hashOf(hashed)));
  return s.empty() ? hex.data() : s + "." + hex.data();
}

std::string eventBody(const EventWrite& write, const EventSettings& settings) {
  if (write.what == EventWrite::What::Patch) return text({{"series", seriesOf(write)}});
  const Occurrence& o = *write.first;
  json event = {{"apiVersion", "events.k8s.io/v1"},
                {"kind", "Event"},
                {"metadata", {{"namespace", write.ns}, {"name", write.name}}},
                {"eventTime", formatTime(o.time)},
                {"reportingController", settings.reportingController},
                {"reportingInstance", cutText(settings.reportingInstance, kLongestWord)},
                {"type", o.severity == Severity::Normal ? "Normal" : "Warning"},
                {"reason", cutText(o.reason, kLongestWord)},
                {"action", cutText(o.action, kLongestWord)},
                {"note", cutText(o.note, kLongestNote)},
                {"regarding", reference(o.regarding)}};
  if (o.related) event["related"] = reference(*o.related);
  if (write.count > 1) event["series"] = seriesOf(write);
  return text(event);
}

}  // namespace baton::kube
