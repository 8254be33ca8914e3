// Small helpers to read JSON that anybody may have written: a missing or mistyped field gives the default.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/meta.h"
#include "base/time.h"

namespace baton::api {

using Json = nlohmann::json;

std::string text(const Json& j, const char* key, const std::string& otherwise = "");
int64_t integer(const Json& j, const char* key, int64_t otherwise = 0);
bool boolean(const Json& j, const char* key, bool otherwise = false);
std::optional<Time> time(const Json& j, const char* key);
/// The object at that key, or an empty one.
const Json& object(const Json& j, const char* key);
/// The array at that key, or an empty one.
const Json& array(const Json& j, const char* key);

Meta metaFromJson(const Json& metadata);

/// The RFC 7386 merge patch that turns `from` into `to`; an empty object when they are equal. Arrays are replaced.
Json mergeDiff(const Json& from, const Json& to);

}  // namespace baton::api
