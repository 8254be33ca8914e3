#include "mechanisms/text.h"

#include <cstdint>

namespace baton::mechanisms {
namespace {

struct Character {
  size_t size = 0;    // bytes; 0: not UTF-8
  uint32_t code = 0;  // code point
};

// RFC 3629: the shortest form only, no surrogates, nothing above 10FFFF.
Character first(std::string_view s) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || s.size() < size) return {};
  uint32_t code = lead & (0xFFu >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < kLeast[size] || code > 0x10FFFF || surrogate ? Character{} : Character{size, code};
}

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
    const Character c = first(bytes);
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
