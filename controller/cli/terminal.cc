#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.h"

namespace baton::cli {
namespace {

/// Columns of a text on a screen, without the sequences of colours; each character is taken for one column.
size_t width(std::string_view text) {
  size_t columns = 0;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\033') {
      i = std::min(text.find('m', i), text.size() - 1) + 1;
      continue;
    }
    const Character c = firstCharacter(text.substr(i));
    i += std::max<size_t>(c.size, 1);
    ++columns;
  }
  return columns;
}

size_t terminalWidth(std::FILE* stream) {
  winsize size{};
  return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int linesOnScreen(const std::string& text, size_t columns) {
  int lines = 0;
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines += std::max<int>(1, static_cast<int>((width(text.substr(begin, end - begin)) + columns - 1) / columns));
  return lines;
}

}  // namespace

bool isTerminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

bool useColors(const std::string& when, std::FILE* stream) {
  if (when != "auto") return when == "always";
  const char* no = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  return (no == nullptr || *no == '\0') && !dumb && isTerminal(stream);
}

std::string Paint::operator()(Ink ink, std::string_view text) const {
  static constexpr const char* codes[] = {"", "32", "33", "31", "2", "1"};
  if (!colors_ || ink == Ink::Plain || text.empty()) return std::string(text);
  return std::string("\033[") + codes[static_cast<size_t>(ink)] + "m" + std::string(text) + "\033[0m";
}

std::string Paint::phase(std::string_view word) const {
  if (word == "Healthy" || word == "Succeeded") return (*this)(Ink::Good, word);
  if (word == "NoPrimary" || word == "SplitBrain" || word == "Failed") return (*this)(Ink::Bad, word);
  if (word == "Cancelled" || word == "Pending" || word == "Queued" || word == "Scheduled")
    return (*this)(Ink::Dim, word);
  return (*this)(Ink::Warn, word);
}

std::string Table::text(const std::string& indent) const {
  std::vector<size_t> widths;
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], width(row[i]));
    }
  std::string all;
  for (const auto& row : rows_) {
    std::string line = indent;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  }
  return all;
}

std::string age(Time then, Time now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now > then ? now - then : then - now).count();
  std::string text = seconds < 120     ? std::to_string(seconds) + "s"
                     : seconds < 7200  ? std::to_string(seconds / 60) + "m"
                     : seconds < 86400 ? std::to_string(seconds / 3600) + "h" + std::to_string(seconds / 60 % 60) + "m"
                                       : std::to_string(seconds / 86400) + "d";
  return then > now && seconds > 0 ? "in " + text : text;
}

std::string duration(std::chrono::microseconds d) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (ms < 60000) return std::to_string(ms / 1000) + "." + std::to_string(ms / 100 % 10) + " s";
  return std::to_string(ms / 60000) + " min " + std::to_string(ms / 1000 % 60) + " s";
}

void Live::show(const std::string& text) {
  if (terminal_ && lines_ > 0) std::fprintf(stream_, "\033[%dA\033[J", lines_);
  std::fputs(text.c_str(), stream_);
  std::fflush(stream_);
  lines_ = terminal_ ? linesOnScreen(text, terminalWidth(stream_)) : 0;
}

}  // namespace baton::cli
