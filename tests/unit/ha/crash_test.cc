// Every scenario again, with a crash after each single store and effect, and with each joint store of request and group
// landing by half. What is stored must be enough to come to the same end. BATON_FAULT="file:crash:7" shows one trace.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "unit/ha/script.h"

namespace baton::ha::test {
namespace {

constexpr int kMostEvents = 60;  // after that, only repetitions

Script play(const std::vector<Block>& blocks, const std::function<void(World&)>& spoil, bool show) {
  Script script(spoil);
  for (const auto& b : blocks) {
    if (b.commands.empty()) continue;
    const std::string trace = script.run(b.commands);
    if (!show) continue;
    for (const auto& c : b.commands) std::cout << "> " << c << "\n";
    std::cout << trace << "\n";
  }
  script.close();
  return script;
}

void compare(const Script& whole, const Script& faulty, const std::string& what) {
  EXPECT_EQ(faulty.violations, std::vector<std::string>()) << what;
  ASSERT_EQ(faulty.ends.size(), whole.ends.size()) << what;
  for (size_t i = 0; i < whole.ends.size(); ++i) {
    const End& a = whole.ends[i];
    const End& b = faulty.ends[i];
    if (!a.loose) {
      EXPECT_EQ(a.requests, b.requests) << what << ", scenario " << a.scenario;
    }
    for (const auto& [request, end] : a.requests) {
      const auto it = b.requests.find(request);
      if (it == b.requests.end()) continue;
      EXPECT_EQ(end.empty(), it->second.empty()) << what << ", scenario " << a.scenario << ", " << request;
    }
  }
}

std::vector<std::string> files() {
  std::vector<std::string> all;
  for (const auto& f : std::filesystem::directory_iterator(BATON_SOURCE_DIR "/tests/unit/ha/testdata"))
    if (f.path().extension() == ".txt") all.push_back(f.path().string());
  std::sort(all.begin(), all.end());
  return all;
}

class Faults : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    blocks_ = readBlocks(GetParam());
    name_ = std::filesystem::path(GetParam()).stem().string();
    whole_ = std::make_unique<Script>(play(
        blocks_, [](World&) {}, false));
  }
  bool wanted(const std::string& what) const {
    const char* only = std::getenv("BATON_FAULT");
    return !only || what == only;
  }
  void check(const std::string& kind, int number, const std::function<void(World&)>& spoil) {
    const std::string what = name_ + ":" + kind + ":" + std::to_string(number);
    if (wanted(what)) compare(*whole_, play(blocks_, spoil, std::getenv("BATON_FAULT") != nullptr), what);
  }

  std::vector<Block> blocks_;
  std::string name_;
  std::unique_ptr<Script> whole_;
};

TEST_P(Faults, ACrashAfterEachStoreAndEffect) {
  for (int i = 0; i < kMostEvents; ++i) check("crash", i, [i](World& w) { w.crashAt = i; });
}

TEST_P(Faults, HalfOfAJointStore) {
  for (int i = 0; i < 8; ++i) {
    check("request", i, [i](World& w) { w.halfAt = i, w.requestLands = true; });
    check("group", i, [i](World& w) { w.halfAt = i, w.requestLands = false; });
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Faults, testing::ValuesIn(files()), [](const auto& p) {
  std::string n = std::filesystem::path(p.param).stem().string();
  std::replace_if(
      n.begin(), n.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return n;
});

}  // namespace
}  // namespace baton::ha::test
