// The table of transitions, and docs/switchover.md, which shows it to users.
#include "ha/transitions.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace baton::ha {
namespace {

std::string doc() {
  std::ifstream in(BATON_SOURCE_DIR "/docs/switchover.md");
  std::stringstream s;
  s << in.rdbuf();
  return s.str();
}

std::string word(api::Phase p) { return p == api::Phase::None ? "-" : std::string(name(p)); }

TEST(Transitions, TheDocumentShowsTheTable) {
  std::string table = "| from | to | when |\n|---|---|---|\n";
  for (const auto& t : transitions()) table += "| " + word(t.from) + " | " + word(t.to) + " | " + t.when + " |\n";
  EXPECT_NE(doc().find(table + "\n"), std::string::npos) << "docs/switchover.md should hold:\n" << table;
}

TEST(Transitions, AnEndIsAnEndAndEveryPhaseLeadsToOne) {
  for (const auto& t : transitions()) EXPECT_FALSE(finished(t.from)) << name(t.from);
  for (int i = 0; i < static_cast<int>(api::Phase::Succeeded); ++i) {
    const auto from = static_cast<api::Phase>(i);
    bool ends = false;
    for (const auto& t : transitions()) ends = ends || (t.from == from && finished(t.to));
    EXPECT_TRUE(ends) << name(from);
  }
}

TEST(Transitions, NoWayBackFromThePointOfNoReturn) {
  for (const auto& t : transitions())
    EXPECT_FALSE(api::pastPointOfNoReturn(t.from) && t.to == api::Phase::RollingBack) << name(t.from);
}

TEST(Transitions, AnImpossibleOneThrowsAndChangesNothing) {
  api::SwitchoverStatus st;
  st.phase = api::Phase::Promoting;
  const api::SwitchoverStatus before = st;
  EXPECT_THROW(advance(st, api::Phase::RollingBack, Time{}), std::logic_error);
  EXPECT_EQ(st, before);
}

}  // namespace
}  // namespace baton::ha
