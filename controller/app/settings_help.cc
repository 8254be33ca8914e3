#include <sstream>

#include "app/settings_table.h"

namespace baton::app {
namespace {

constexpr size_t kColumn = 34;  // where the meaning begins
constexpr size_t kWidth = 100;

/// `text` broken into lines that begin at kColumn and end before kWidth; the first one's place is there already.
std::string wrapped(const std::string& text) {
  std::istringstream words(text);
  std::string out, line;
  for (std::string word; words >> word;) {
    if (!line.empty() && kColumn + line.size() + 1 + word.size() > kWidth) {
      out += line + "\n" + std::string(kColumn, ' ');
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + line + "\n";
}

std::string entry(std::string_view flag, std::string_view placeholder, const std::string& text) {
  std::string head = "  --" + std::string(flag);
  if (!placeholder.empty()) head += " " + std::string(placeholder);
  head += head.size() + 2 > kColumn ? "\n" + std::string(kColumn, ' ') : std::string(kColumn - head.size(), ' ');
  return head + wrapped(text);
}

std::string defaultOf(const Setting& setting) {
  const std::string value = setting.show(Settings{});
  return value.empty() ? setting.unset : value;
}

/// "|" would end a table's cell.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string shownDefault(const Setting& setting) {
  const std::string value = setting.show(Settings{});
  return value.empty() ? setting.unset : "`" + value + "`";
}

}  // namespace

std::string helpText() {
  std::string out =
      "baton-controller hands the primary role of a group of pods from one pod to another.\n"
      "\n"
      "Usage: baton-controller [--config FILE] [--FLAG VALUE | --FLAG=VALUE]...\n"
      "\n"
      "Each setting is a flag and, in camelCase, a key of the file: --log-level debug is logLevel: debug.\n"
      "\n";
  for (const auto& flag : programFlags()) out += entry(flag.flag, flag.placeholder, std::string(flag.meaning));
  out += "\n";
  for (const auto& setting : allSettings())
    out += entry(setting.flag, setting.placeholder, setting.meaning + " Default: " + defaultOf(setting) + ".");
  out += "\nA switch is turned off with =false. A wrong setting ends the program with exit code 2.\n";
  return out;
}

std::string settingsTable() {
  std::string out = "| key | flag | value | default | meaning |\n|---|---|---|---|---|\n";
  for (const auto& s : allSettings())
    out += "| `" + s.key + "` | `--" + s.flag + "` | " + cell(s.expected) + " | " + cell(shownDefault(s)) + " | " +
           cell(s.meaning) + " |\n";
  return out;
}

}  // namespace baton::app
