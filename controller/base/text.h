// Text with a bound, and ASCII letters without their case.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace baton {

/// At most `bytes`, cut between characters.
std::string cutText(std::string_view utf8, size_t bytes);

// Of ASCII letters only, whatever the locale.
std::string lowerCase(std::string_view s);
bool sameWord(std::string_view a, std::string_view b);

}  // namespace baton
