#include "base/log.h"

#include <unistd.h>

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

std::string line(Level level, std::string_view message, Fields fields) {
  const std::string at = formatTime(Clock::real().now());
  if (g_format == Format::Json) {
    nlohmann::ordered_json j = {{"time", at}, {"level", name(level)}, {"message", message}};
    for (const auto& [k, v] : fields) j[std::string(k)] = v;
    return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
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
