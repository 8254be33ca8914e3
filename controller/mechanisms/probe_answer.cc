#include "mechanisms/probe_answer.h"

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "mechanisms/text.h"

namespace baton::mechanisms {
namespace {

using nlohmann::json;

constexpr size_t kMostQuoted = 200;  // bytes
constexpr std::string_view kBlanks = " \t\r\n";
constexpr const char* kJsonForm =
    R"({"role": "primary" or "standby", "position": an integer (optional), "healthy": true or false (optional)})";

Error unexpected(std::string_view answer, const std::string& expected) {
  const std::string quoted = readable(answer, kMostQuoted);
  return invalid("probe answered " + (quoted.empty() ? "nothing" : "'" + quoted + "'") + ", expected " + expected);
}

std::optional<bool> isPrimary(std::string_view role) {
  if (role == "primary") return true;
  if (role == "standby") return false;
  return std::nullopt;
}

std::vector<std::string_view> words(std::string_view s) {
  std::vector<std::string_view> out;
  for (size_t at = s.find_first_not_of(kBlanks); at != s.npos; at = s.find_first_not_of(kBlanks, at)) {
    const size_t end = std::min(s.find_first_of(kBlanks, at), s.size());
    out.push_back(s.substr(at, end - at));
    at = end;
  }
  return out;
}

std::optional<int64_t> integer(std::string_view s) {
  int64_t n = 0;
  const auto [stop, error] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (error != std::errc() || stop != s.data() + s.size()) return std::nullopt;
  return n;
}

bool fitsInteger(const json& j) {
  if (j.is_number_unsigned()) return j.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  return j.is_number_integer();
}

}  // namespace

Result<ha::Report> parseJsonAnswer(std::string_view body) {
  const json j = json::parse(body, nullptr, false);
  if (!j.is_object()) return unexpected(body, kJsonForm);
  ha::Report report;
  const auto role = j.find("role");
  const auto primary = role != j.end() && role->is_string() ? isPrimary(role->get<std::string>()) : std::nullopt;
  if (!primary) return unexpected(body, kJsonForm);
  report.primary = *primary;
  if (const auto position = j.find("position"); position != j.end() && !position->is_null()) {
    if (!fitsInteger(*position)) return unexpected(body, kJsonForm);
    report.position = position->get<int64_t>();
  }
  if (const auto healthy = j.find("healthy"); healthy != j.end() && !healthy->is_null()) {
    if (!healthy->is_boolean()) return unexpected(body, kJsonForm);
    report.healthy = healthy->get<bool>();
  }
  return report;
}

Result<ha::Report> parseExecAnswer(std::string_view out) {
  const std::vector<std::string_view> w = words(out);
  if (!w.empty() && w.front().front() == '{') return parseJsonAnswer(out);
  const Error wrong =
      unexpected(out, "'primary' or 'standby', and behind it the position as an integer if there is one");
  if (w.empty() || w.size() > 2) return wrong;
  const auto primary = isPrimary(w[0]);
  if (!primary) return wrong;
  ha::Report report;
  report.primary = *primary;
  if (w.size() == 2) {
    report.position = integer(w[1]);
    if (!report.position) return wrong;
  }
  return report;
}

}  // namespace baton::mechanisms
