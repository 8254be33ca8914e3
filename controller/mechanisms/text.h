// PURE: what programs in pods print, made fit for a status field, an event or a log line.
#pragma once

#include <string>
#include <string_view>

namespace baton::mechanisms {

/// Bytes of a message that come from outside.
inline constexpr size_t kMostText = 512;

/// One line of valid UTF-8, of at most `most` bytes and then "...": runs of control characters and blanks become one
/// blank, bytes that are not UTF-8 become '?'; not cut within a character, nothing blank at its ends.
std::string readable(std::string_view bytes, size_t most = kMostText);

}  // namespace baton::mechanisms
