#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/text.h"
#include "cli/commands.h"

namespace baton::cli {
namespace {

/// Would it be read as something else than this text, or does it need no quotes?
bool plain(const std::string& text) {
  static constexpr const char* others[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  const auto isOther = [&](const char* word) { return sameWord(text, word); };
  const char first = text.empty() ? '0' : text.front();
  const bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '/';
  return letter && std::none_of(std::begin(others), std::end(others), isOther);
}

void emit(YAML::Emitter& out, const api::Json& j) {
  if (j.is_object()) {
    if (j.empty()) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& [key, value] : j.items()) {
      out << YAML::Key << key << YAML::Value;
      emit(out, value);
    }
    out << YAML::EndMap;
  } else if (j.is_array()) {
    if (j.empty()) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const auto& value : j) emit(out, value);
    out << YAML::EndSeq;
  } else if (j.is_string()) {
    const auto& text = j.get_ref<const std::string&>();
    if (!plain(text)) out << YAML::DoubleQuoted;
    out << text;
  } else {
    j.is_null() ? out << YAML::Null : out << j.dump();
  }
}

/// As kubectl prints objects: without the list of who wrote which field.
void dropManagedFields(api::Json& j) {
  if (j.is_object() && j.contains("metadata") && j["metadata"].is_object()) j["metadata"].erase("managedFields");
  if (j.is_object() && j.contains("items") && j["items"].is_array())
    for (auto& item : j["items"]) dropManagedFields(item);
}

}  // namespace

std::string printed(api::Json j, Output how) {
  dropManagedFields(j);
  if (how == Output::Json) return j.dump(2, ' ', false, api::Json::error_handler_t::replace) + "\n";
  YAML::Emitter out;
  out.SetNullFormat(YAML::LowerNull);
  emit(out, j);
  return std::string(out.c_str()) + "\n";
}

int failed(const Error& e) {
  std::fprintf(stderr, "error: %s\n", e.message.c_str());
  if (e.kind == Error::Kind::Forbidden)
    std::fputs("The ClusterRoles of the chart, or 'kubectl auth can-i', tell which right is missing.\n", stderr);
  return e.kind == Error::Kind::Invalid ? kUsage : e.kind == Error::Kind::Timeout ? kTimedOut : kFailed;
}

}  // namespace baton::cli
