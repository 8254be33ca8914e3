// Files that the build puts into the program: cmake/embed_folder.cmake.
#pragma once

#include <string_view>

namespace baton {

/// Both live as long as the program.
struct EmbeddedFile {
  std::string_view name, content;
};

}  // namespace baton
