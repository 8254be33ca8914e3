// The text side of scenario files: blocks, words, durations.
#include <cctype>
#include <fstream>
#include <stdexcept>

#include "unit/ha/script.h"

namespace baton::ha::test {

std::vector<Block> readBlocks(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::invalid_argument("can't read " + file);
  std::vector<Block> blocks;
  Block b;
  int number = 0;
  bool output = false;
  std::string line;
  const auto next = [&] {
    if (!b.commands.empty() || !b.comments.empty()) blocks.push_back(b);
    b = Block{};
    output = false;
  };
  while (std::getline(in, line)) {
    ++number;
    if (output) {
      if (line.empty())
        next();
      else
        b.expected += line + "\n";
    } else if (line == "----") {
      output = true;
    } else if (b.commands.empty() && (line.empty() || line[0] == '#')) {
      b.comments.push_back(line);
    } else {
      if (b.commands.empty()) b.line = number;
      b.commands.push_back(line);
    }
  }
  next();
  return blocks;
}

void writeBlocks(const std::string& file, const std::vector<Block>& blocks) {
  std::ofstream out(file, std::ios::trunc);
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Block& b = blocks[i];
    for (const auto& c : b.comments) out << c << "\n";
    for (const auto& c : b.commands) out << c << "\n";
    if (!b.commands.empty()) out << "----\n" << b.expected;
    if (i + 1 < blocks.size()) out << "\n";
  }
}

bool Words::has(const std::string& flag) const {
  for (const auto& p : plain)
    if (p == flag) return true;
  return false;
}

std::string Words::get(const std::string& key, const std::string& otherwise) const {
  const auto it = named.find(key);
  return it == named.end() ? otherwise : it->second;
}

const std::string& Words::at(size_t n) const {
  if (n >= plain.size()) throw std::invalid_argument(command + ": too few words");
  return plain[n];
}

Words split(const std::string& line) {
  Words w;
  std::vector<std::pair<std::string, size_t>> words;  // and where its = is, npos: none
  for (size_t i = 0; i < line.size();) {
    if (std::isspace(static_cast<unsigned char>(line[i]))) {
      ++i;
      continue;
    }
    std::string word;
    size_t equals = std::string::npos;
    bool quoted = false;
    for (; i < line.size() && (quoted || !std::isspace(static_cast<unsigned char>(line[i]))); ++i) {
      if (line[i] == '"') {
        quoted = !quoted;
        continue;
      }
      if (line[i] == '=' && !quoted && equals == std::string::npos) equals = word.size();
      word += line[i];
    }
    words.emplace_back(word, equals);
  }
  for (size_t i = 0; i < words.size(); ++i) {
    const auto& [word, equals] = words[i];
    if (i == 0)
      w.command = word;
    else if (equals == std::string::npos)
      w.plain.push_back(word);
    else
      w.named[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return w;
}

std::chrono::microseconds duration(const std::string& s) {
  size_t used = 0;
  const long n = std::stol(s, &used);
  const std::string unit = s.substr(used);
  if (unit == "us") return std::chrono::microseconds(n);
  if (unit == "ms") return std::chrono::milliseconds(n);
  if (unit == "s") return std::chrono::seconds(n);
  if (unit == "m") return std::chrono::minutes(n);
  if (unit == "h") return std::chrono::hours(n);
  throw std::invalid_argument("not a duration: " + s);
}

}  // namespace baton::ha::test
