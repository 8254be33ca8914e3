// What the fuzz targets share. A target is a function of bytes; it ends the process when a rule does not hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace baton::fuzz {

/// `rule`: a sentence that is true of every input.
inline void check(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "this does not hold: %s\n", rule);
  std::abort();
}

inline constexpr char kMany = '\x1d', kNext = '\x1e';

/// In an input that begins with kMany, "\x1dX" stands for X twenty thousand times, twice at most: what is deep or long,
/// out of few bytes. In others it stands for itself, as such inputs take long.
inline std::string unfolded(std::string_view bytes) {
  if (!bytes.starts_with(kMany)) return std::string(bytes);
  std::string out;
  int left = 2;
  for (size_t i = 1; i < bytes.size(); ++i) {
    if (bytes[i] == kMany && i + 1 < bytes.size() && left-- > 0)
      out.append(20000, bytes[++i]);
    else
      out += bytes[i];
  }
  return out;
}

inline std::string textOf(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

/// The pieces between kNext; at least `least`, the last ones empty.
inline std::vector<std::string> pieces(std::string_view text, size_t least) {
  std::vector<std::string> all;
  for (;;) {
    const size_t end = text.find(kNext);
    all.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  if (all.size() < least) all.resize(least);
  return all;
}

inline bool hasControl(std::string_view s) {
  for (const char c : s)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return true;
  return false;
}

}  // namespace baton::fuzz
