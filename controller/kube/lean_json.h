// JSON from the API server as nlohmann::json, without what Baton never reads: metadata.managedFields, which is often
// half of an object. By simdjson, as every status that is written and every event of a small kind comes through here.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "kube/watch_event.h"

namespace baton::kube {

/// Discarded (is_discarded()) when it is no JSON, or nested deeper than 64.
nlohmann::json parseLean(std::string_view text);

/// A resourceVersion as a number; 0 for anything else.
uint64_t parseVersion(std::string_view s);

/// Which object of which version a watch line of type MODIFIED is about, without decoding it. Nothing for any other
/// line, and for what can't be read.
std::optional<EventKey> modifiedKey(std::string_view line);

}  // namespace baton::kube
