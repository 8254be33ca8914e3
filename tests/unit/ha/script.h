// Runs a scenario file of testdata/: commands, a line "----", what they do, an empty line. The first word of a line is
// the command; the others are KEY=VALUE, flags, names, or texts in quotes. testdata/README explains them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "unit/ha/world.h"

namespace baton::ha::test {

struct Block {
  int line = 0;                       // of its first command
  std::vector<std::string> comments;  // and empty lines before it
  std::vector<std::string> commands;
  std::string expected;
};
std::vector<Block> readBlocks(const std::string& file);
void writeBlocks(const std::string& file, const std::vector<Block>& blocks);

struct Words {
  std::string command;
  std::vector<std::string> plain;  // in order, without the command
  std::map<std::string, std::string> named;
  bool has(const std::string& flag) const;
  std::string get(const std::string& key, const std::string& otherwise = "") const;
  /// The nth plain word; throws std::invalid_argument when there is none.
  const std::string& at(size_t n) const;
};
Words split(const std::string& line);
/// "30s", "250ms", "2m", "-1h".
std::chrono::microseconds duration(const std::string& s);

/// What became of a scenario, to be compared with a run that had a fault in it.
struct End {
  std::string scenario;
  bool loose = false;  // the scenario says that a fault may lead to another end
  std::map<std::string, std::string> requests;
};

class Script {
 public:
  /// Each scenario (command `group`) begins with a new World, which `prepare` may spoil.
  explicit Script(std::function<void(World&)> prepare = {}) : prepare_(std::move(prepare)) {}
  /// The trace of the commands.
  std::string run(const std::vector<std::string>& commands);
  /// Ends the last scenario.
  void close();

  std::vector<End> ends;
  std::vector<std::string> violations;
  std::set<api::Reason> reasons;                            // of all requests
  std::set<std::pair<api::Phase, api::Phase>> transitions;  // seen
  int events = 0, joint = 0;                                // of all worlds

 private:
  void fleet(const std::string& word);
  void see(Member& m, const std::string& word);
  void command(const Words& w);
  void group(const Words& w);
  void change(const Words& w);
  void member(const Words& w);
  void request(const Words& w);
  void answer(const Words& w);
  void inside(const Words& w);
  void runUntil(const Words& w);
  void watch();
  bool other(const Words& w);

  std::function<void(World&)> prepare_;
  std::unique_ptr<World> world_;
  std::string out_, scenario_;
  bool loose_ = false;
  std::map<std::string, api::Phase> seen_;
};

}  // namespace baton::ha::test
