#include "mechanisms/text.h"

#include "base/text.h"

namespace baton::mechanisms {
namespace {

// Controls, and what changes the direction of text: a message must not look like another one.
bool blank(uint32_t c) {
  return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

}  // namespace

std::string readable(std::string_view bytes, size_t most) {
  std::string out;
  bool gap = false;
  while (!bytes.empty()) {
    const Character c = firstCharacter(bytes);
    const std::string_view piece = c.size == 0 ? std::string_view("?") : bytes.substr(0, c.size);
    bytes.remove_prefix(c.size == 0 ? 1 : c.size);
    if (c.size != 0 && blank(c.code)) {
      gap = !out.empty();
      continue;
    }
    if (out.size() + (gap ? 1 : 0) + piece.size() > most) return out + "...";
    if (gap) out += ' ';
    gap = false;
    out += piece;
  }
  return out;
}

}  // namespace baton::mechanisms
