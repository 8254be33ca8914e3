// UTF-8, text with a bound, and ASCII letters without their case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace baton {

struct Character {
  size_t size = 0;    // bytes; 0: not UTF-8
  uint32_t code = 0;  // code point
};
/// The first one of a text that is not empty. RFC 3629: the shortest form only, no surrogates, nothing above 10FFFF.
Character firstCharacter(std::string_view text);
bool isUtf8(std::string_view text);

/// At most `bytes`, cut between characters.
std::string cutText(std::string_view utf8, size_t bytes);

// Of ASCII letters only, whatever the locale.
std::string lowerCase(std::string_view s);
bool sameWord(std::string_view a, std::string_view b);

}  // namespace baton
