#include "app/spelling.h"

#include <algorithm>
#include <cctype>

namespace baton::app {
namespace {

constexpr size_t kLongestWord = 64;    // longer ones are not compared
constexpr size_t kLongestQuote = 100;  // characters

std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != '-' && c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Insertions, deletions, replacements, and swaps of neighbours.
size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& names) {
  const std::string wanted = plain(word);
  if (wanted.empty() || wanted.size() > kLongestWord) return {};
  std::string best;
  size_t least = wanted.size() / 3 + 1;  // up to a third of it may be wrong
  for (const auto& name : names) {
    const size_t far = distance(wanted, plain(name));
    if (far >= least) continue;
    least = far;
    best = name;
  }
  return best;
}

std::string inQuotes(std::string_view value) {
  std::string out = "'";
  for (const char c : value.substr(0, kLongestQuote)) out += std::iscntrl(static_cast<unsigned char>(c)) != 0 ? '?' : c;
  return out + (value.size() > kLongestQuote ? "...'" : "'");
}

}  // namespace baton::app
