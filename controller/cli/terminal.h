// How text comes to a person: colours where they are wanted, columns, and a part of the screen that is drawn anew.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace baton::cli {

enum class Ink { Plain, Good, Warn, Bad, Dim, Bold };

/// Whether to use colours on that stream: https://no-color.org
bool useColors(const std::string& when, std::FILE* stream);
bool isTerminal(std::FILE* stream);

class Paint {
 public:
  explicit Paint(bool colors) : colors_(colors) {}
  std::string operator()(Ink ink, std::string_view text) const;
  /// In the colour that fits a phase of a group or a request.
  std::string phase(std::string_view word) const;

 private:
  bool colors_;
};

/// Columns that stand under each other; the last one is not filled up. Colours take no room.
class Table {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  std::string text(const std::string& indent = "") const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// "12s", "4m", "3h12m", "5d"; of a time ahead "in 12s".
std::string age(Time then, Time now);
/// "350 ms", "1.3 s", "2 min 5 s"
std::string duration(std::chrono::microseconds d);

/// Text that replaces what it has printed before, on a terminal; else each is printed once.
class Live {
 public:
  explicit Live(std::FILE* stream) : stream_(stream), terminal_(isTerminal(stream)) {}
  bool terminal() const { return terminal_; }
  void show(const std::string& text);
  /// What was shown stays; the next one comes below.
  void keep() { lines_ = 0; }

 private:
  std::FILE* stream_;
  bool terminal_;
  int lines_ = 0;  // on the screen, of what was shown last
};

}  // namespace baton::cli
