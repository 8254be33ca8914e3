// Text with a bound.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace baton {

/// At most `bytes`, cut between characters.
std::string cutText(std::string_view utf8, size_t bytes);

}  // namespace baton
