// Structured log on standard error: one line a message, JSON (default) or text. Safe from every thread.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace baton::log {

enum class Level { Debug, Info, Warn, Error };
enum class Format { Json, Text };

/// What a line says besides its message: {{"namespace", ns}, {"group", name}, {"epoch", 7}}. Never a secret.
using Fields = std::initializer_list<std::pair<std::string_view, nlohmann::json>>;

void configure(Level least, Format format);
bool enabled(Level level);
void write(Level level, std::string_view message, Fields fields = {});

void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warn(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});

}  // namespace baton::log
