// The table of all settings, and the two ways in which they are given. Used inside the settings' own files only.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"
#include "base/result.h"

namespace baton::app {

/// What kind of value: decides how a flag and a YAML value are read.
enum class Shape { Switch, Number, Text, List };

struct Setting {
  std::string flag;         // "api-tls-cert"
  std::string key;          // "apiTlsCert"
  std::string placeholder;  // "FILE"; empty for a switch
  Shape shape = Shape::Text;
  std::string expected;  // "a whole number from 1 to 64"
  std::string unset;     // what the default means when it is empty
  std::string meaning;
  /// False when the words are not as expected; `settings` is as before then. More than one word for a list only.
  std::function<bool(Settings& settings, const std::vector<std::string>& words)> set;
  std::function<std::string(const Settings& settings)> show;
};

/// In the order in which they are shown.
const std::vector<Setting>& allSettings();

/// Flags that are no settings.
struct ProgramFlag {
  std::string_view flag, placeholder, meaning;
};
const std::vector<ProgramFlag>& programFlags();

/// One setting as somebody gave it.
struct Given {
  const Setting* setting = nullptr;
  std::vector<std::string> words;
  std::string where;  // for messages: "--workers" or "baton.yaml:4: workers"
};

/// Settings of a YAML document. `file` is only for messages.
Result<std::vector<Given>> readSettingsFile(const std::string& text, const std::string& file);

struct Flags {
  bool help = false, version = false;
  std::string config;
  std::vector<Given> given;
};
Result<Flags> readFlags(const std::vector<std::string>& args);

}  // namespace baton::app
