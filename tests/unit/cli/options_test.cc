#include "cli/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::cli {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Options parsed(const std::vector<std::string>& args) {
  auto p = parse(args);
  EXPECT_TRUE(p) << (p ? "" : p.error().message);
  return p ? p->options : Options{};
}

TEST(Options, AreAsKubectlHasThem) {
  const Options o =
      parsed({"switchover", "redis", "--to", "redis-1", "-n", "demo", "--context=lab", "--wait", "--timeout", "30"});
  EXPECT_EQ(o.command, "switchover");
  EXPECT_EQ(o.group, "redis");
  EXPECT_EQ(o.to, "redis-1");
  EXPECT_EQ(o.ns, "demo");
  EXPECT_EQ(o.context, "lab");
  EXPECT_TRUE(o.wait);
  EXPECT_FALSE(o.dryRun);
  EXPECT_EQ(o.timeout, std::chrono::seconds(30));
}

TEST(Options, StatusNeedsNoGroup) {
  EXPECT_EQ(parsed({"status"}).group, "");
  EXPECT_TRUE(parsed({"status", "-A"}).allNamespaces);
  EXPECT_EQ(parsed({"status", "redis", "-o", "yaml"}).output, Output::Yaml);
}

struct Wrong {
  std::vector<std::string> args;
  const char* says;
};
class WrongUsage : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUsage, IsRefusedWithAReason) {
  const auto p = parse(GetParam().args);
  ASSERT_FALSE(p);
  EXPECT_THAT(p.error().message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(Cli, WrongUsage,
                         testing::Values(Wrong{{}, "subcommand"}, Wrong{{"switch"}, "subcommand"},
                                         Wrong{{"switchover"}, "group is required"},
                                         Wrong{{"switchover", "redis", "--to", "a", "--zone", "b"}, "excludes"},
                                         Wrong{{"switchover", "redis", "--timeout", "0"}, "not in range"},
                                         Wrong{{"switchover", "redis", "--frce"}, "--frce"},
                                         Wrong{{"status", "-o", "xml"}, "xml not in"},
                                         Wrong{{"status", "-w", "-o", "json"}, "--watch"},
                                         Wrong{{"completion", "tcsh"}, "tcsh not in"},
                                         Wrong{{"pause", "a", "b"}, "b"}));

TEST(Options, HelpAndVersionAreTexts) {
  EXPECT_THAT(parse({"--help"})->text, HasSubstr("switchover"));
  EXPECT_THAT(parse({"explain", "--help"})->text, AllOf(HasSubstr("--namespace"), HasSubstr("Exit codes")));
  EXPECT_THAT(parse({"--version"})->text, HasSubstr("kubectl-baton"));
  EXPECT_THAT(parse({"version"})->text, HasSubstr("kubectl-baton"));
}

TEST(Candidates, AreTheCommandsAtFirst) {
  const auto all = candidates({""});
  EXPECT_THAT(all, Contains(HasSubstr("switchover\t")));
  EXPECT_THAT(all, Contains(HasSubstr("completion\t")));
}

TEST(Candidates, AreGroupsAndFlagsAfterACommand) {
  EXPECT_THAT(candidates({"status", ""}), ElementsAre(kGroups));
  EXPECT_THAT(candidates({"switchover", "redis", "--to", ""}), ElementsAre(kPods));
  EXPECT_THAT(candidates({"cancel", "redis", "--request", ""}), ElementsAre(kRequests));
  EXPECT_THAT(candidates({"switchover", "redis", "--"}), Contains(HasSubstr("--dry-run\t")));
  EXPECT_THAT(candidates({"status", "--"}), Not(Contains(HasSubstr("--dry-run"))));
  EXPECT_THAT(candidates({"status", "-o", ""}), ElementsAre("text", "wide", "json", "yaml"));
  EXPECT_THAT(candidates({"completion", ""}), ElementsAre("bash", "zsh", "fish"));
  EXPECT_TRUE(candidates({"nonsense", ""}).empty());
}

}  // namespace
}  // namespace baton::cli
