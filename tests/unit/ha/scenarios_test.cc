// Every file of testdata/ is a scenario with the trace that it must give. BATON_REWRITE=1 writes the traces anew: read
// the difference by the contract before you keep it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "ha/transitions.h"
#include "unit/ha/script.h"

namespace baton::ha::test {
namespace {

std::vector<std::string> files() {
  std::vector<std::string> all;
  for (const auto& f : std::filesystem::directory_iterator(BATON_SOURCE_DIR "/tests/unit/ha/testdata"))
    if (f.path().extension() == ".txt") all.push_back(f.path().string());
  std::sort(all.begin(), all.end());
  return all;
}

/// Without comparing: for what all files together must reach.
Script runAll() {
  Script script;
  for (const auto& f : files())
    for (const auto& b : readBlocks(f))
      if (!b.commands.empty()) script.run(b.commands);
  script.close();
  return script;
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, GivesItsTrace) {
  auto blocks = readBlocks(GetParam());
  Script script;
  for (auto& b : blocks) {
    if (b.commands.empty()) continue;
    const std::string trace = script.run(b.commands);
    if (std::getenv("BATON_REWRITE"))
      b.expected = trace;
    else
      EXPECT_EQ(b.expected, trace) << GetParam() << ":" << b.line;
  }
  script.close();
  if (std::getenv("BATON_REWRITE")) writeBlocks(GetParam(), blocks);
  EXPECT_EQ(script.violations, std::vector<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Files, Scenario, testing::ValuesIn(files()), [](const auto& p) {
  std::string n = std::filesystem::path(p.param).stem().string();
  std::replace_if(
      n.begin(), n.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return n;
});

TEST(Scenarios, ReachEveryReason) {
  const Script all = runAll();
  for (int i = 1; i <= static_cast<int>(api::Reason::SplitBrain); ++i) {
    const auto reason = static_cast<api::Reason>(i);
    // A group that is not there has no snapshot: the reconciler says so.
    if (reason == api::Reason::GroupNotFound) continue;
    EXPECT_TRUE(all.reasons.count(reason)) << "no scenario ends with " << name(reason);
  }
}

TEST(Scenarios, ReachEveryTransition) {
  const Script all = runAll();
  for (const auto& t : transitions())
    EXPECT_TRUE(all.transitions.count({t.from, t.to}))
        << "no scenario goes from " << name(t.from) << " to " << name(t.to);
  for (const auto& [from, to] : all.transitions)
    EXPECT_TRUE(allowed(from, to)) << "from " << name(from) << " to " << name(to);
}

}  // namespace
}  // namespace baton::ha::test
