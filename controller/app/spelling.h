// What somebody may have meant who wrote a name that there is not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::app {

/// Of `names` the one nearest to `word`; empty when none is near. Case and '-' do not count: "log-level" is "logLevel".
std::string nearest(std::string_view word, const std::vector<std::string>& names);

/// A value as a message quotes it: in quotes, short, without control characters.
std::string inQuotes(std::string_view value);

}  // namespace baton::app
