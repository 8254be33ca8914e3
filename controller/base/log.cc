#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "base/time.h"

namespace baton::log {
namespace {

std::atomic<Level> g_least{Level::Info};
std::atomic<Format> g_format{Format::Json};

const char* name(Level l) {
  switch (l) {
    case Level::Debug:
      return "debug";
    case Level::Info:
      return "info";
    case Level::Warn:
      return "warn";
    case Level::Error:
      return "error";
  }
  return "error";
}

/// As a JSON string; most need no escapes.
void append(std::string& out, std::string_view text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (plain)
    out.append("\"").append(text).append("\"");
  else
    out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string line(Level level, std::string_view message, Fields fields) {
  const std::string at = formatTime(Clock::real().now());
  if (g_format == Format::Json) {
    std::string s = R"({"time":")" + at + R"(","level":")" + name(level) + R"(","message":)";
    append(s, message);
    for (const auto& [k, v] : fields) {
      s += ',';
      append(s, k);
      s += ':';
      if (v.is_string())
        append(s, v.get_ref<const std::string&>());
      else
        s += v.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    return s + "}\n";
  }
  std::string s = at + " " + name(level) + " " + std::string(message);
  for (const auto& [k, v] : fields)
    s += " " + std::string(k) + "=" + v.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return s + "\n";
}

}  // namespace

void configure(Level least, Format format) {
  g_least = least;
  g_format = format;
}

bool enabled(Level level) { return level >= g_least; }

void write(Level level, std::string_view message, Fields fields) {
  if (!enabled(level)) return;
  const std::string s = line(level, message, fields);
  // One write a line: lines of several threads never mix. A log that can't be written must not stop the program.
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, s.data(), s.size());
}

void debug(std::string_view m, Fields f) { write(Level::Debug, m, f); }
void info(std::string_view m, Fields f) { write(Level::Info, m, f); }
void warn(std::string_view m, Fields f) { write(Level::Warn, m, f); }
void error(std::string_view m, Fields f) { write(Level::Error, m, f); }

}  // namespace baton::log
