// What is read from pods and written to them: expansion, probe answers, exit statuses, bounded text, pauses.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "mechanisms/exec_status.h"
#include "mechanisms/expansion.h"
#include "mechanisms/hook_context.h"
#include "mechanisms/pauses.h"
#include "mechanisms/probe_answer.h"
#include "mechanisms/text.h"

namespace baton::mechanisms {
namespace {

// The cases of Kubernetes' own expand_test.go.
TEST(Expansion, AsKubernetes) {
  const Variables variables = [](std::string_view name) -> std::optional<std::string> {
    if (name == "VAR_A") return "A";
    if (name == "VAR_B") return "B";
    if (name == "VAR_C") return "C";
    if (name == "VAR_REF") return "$(VAR_A)";
    if (name == "VAR_EMPTY") return "";
    return std::nullopt;
  };
  const std::pair<const char*, const char*> cases[] = {
      {"$(VAR_A)", "A"},
      {"___$(VAR_B)___", "___B___"},
      {"$(VAR_A)-1-$(VAR_B)", "A-1-B"},
      {"$$(VAR_B)_$(VAR_A)", "$(VAR_B)_A"},
      {"$$(VAR_A)_$(VAR_B)", "$(VAR_A)_B"},
      {"f000-$$VAR_A", "f000-$VAR_A"},
      {"foo\\$(VAR_C)bar", "foo\\Cbar"},
      {"foo\\\\$(VAR_C)bar", "foo\\\\Cbar"},
      {"$(VAR_C)bar$(VAR_B)foo", "CbarBfoo"},
      {"$$$$$$(BIG_MONEY)", "$$$(BIG_MONEY)"},
      {"$$$$$$(VAR_A)", "$$$(VAR_A)"},
      {"$$$$$$$(GOOD_ODDS)", "$$$$(GOOD_ODDS)"},
      {"$$$$$$$(VAR_A)", "$$$A"},
      {"$VAR_A)", "$VAR_A)"},
      {"${VAR_A}", "${VAR_A}"},
      {"$(VAR_B)_______$(A", "B_______$(A"},
      {"$(VAR_C)_______$(", "C_______$("},
      {"$(VAR_A)foobarzab$", "Afoobarzab$"},
      {"foo-\\$(VAR_A", "foo-\\$(VAR_A"},
      {"--$($($($($--", "--$($($($($--"},
      {"$($($($($--foo$(", "$($($($($--foo$("},
      {"foo0--$($($($(", "foo0--$($($($("},
      {"$(foo$$var)", "$(foo$$var)"},
      {"$(VAR_REF)", "$(VAR_A)"},
      {"$(VAR_REF)$(VAR_A)", "$(VAR_A)A"},
      {"$()", "$()"},
      {"$$", "$"},
      {"$?", "$?"},
      {"$(VAR_EMPTY)x", "x"},
      {"\n$", "\n$"},
      {"", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(expand(text, variables), expected) << text;
}

TEST(Expansion, AllVariables) {
  const HookContext c{"g", "n", "r", "standby", "p-0", "10.0.0.1", "p-1", "10.0.0.2", 7};
  const std::vector<std::string> command = {
      "$(BATON_GROUP) $(BATON_NAMESPACE) $(BATON_REQUEST) $(BATON_EPOCH) $(BATON_ROLE)",
      "$(BATON_POD) $(BATON_POD_IP) $(BATON_PRIMARY_POD) $(BATON_PRIMARY_IP) $(BATON_OTHER)"};
  EXPECT_EQ(expandCommand(command, c),
            (std::vector<std::string>{"g n r 7 standby", "p-0 10.0.0.1 p-1 10.0.0.2 $(BATON_OTHER)"}));
  EXPECT_EQ(nlohmann::json::parse(jsonBody(c)).size(), 9u);
}

std::string shown(const Result<ha::Report>& r) {
  if (!r) return "invalid";
  return std::string(r->primary ? "primary" : "standby") + (r->position ? " " + std::to_string(*r->position) : "") +
         (r->healthy ? "" : " ill");
}

TEST(ProbeAnswer, Words) {
  const std::pair<const char*, const char*> cases[] = {
      {"primary 1234\n", "primary 1234"},
      {"standby\t-5\r\n", "standby -5"},
      {"primary", "primary"},
      {" \n standby 9223372036854775807 \n", "standby 9223372036854775807"},
      {"standby 9223372036854775808", "invalid"},
      {"standby 12x", "invalid"},
      {"standby 1.5", "invalid"},
      {"standby +1", "invalid"},
      {"standby 1 2", "invalid"},
      {"Primary 1", "invalid"},
      {"primary1", "invalid"},
      {"1234 primary", "invalid"},
      {"", "invalid"},
      {"\n", "invalid"},
      {R"({"role":"primary","position":3})", "primary 3"},
      {"{\"role\": \"standby\", \"healthy\": false}\n", "standby ill"},
      {"{\"role\": \"standby\"} x", "invalid"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(shown(parseExecAnswer(text)), expected) << text;
}

TEST(ProbeAnswer, JsonForm) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"role":"primary","position":12,"healthy":true})", "primary 12"},
      {R"({"role":"standby","position":null,"more":1})", "standby"},
      {R"({"role":"leader"})", "invalid"},
      {R"({"role":1})", "invalid"},
      {R"({"position":1})", "invalid"},
      {R"({"role":"primary","position":"12"})", "invalid"},
      {R"({"role":"primary","position":1.0})", "invalid"},
      {R"({"role":"primary","position":9223372036854775808})", "invalid"},
      {R"({"role":"primary","healthy":"yes"})", "invalid"},
      {R"(["primary"])", "invalid"},
      {"primary 12", "invalid"},
      {"{", "invalid"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(shown(parseJsonAnswer(text)), expected) << text;
}

TEST(ProbeAnswer, ErrorQuotesTheAnswer) {
  EXPECT_EQ(parseExecAnswer("lead\x1b[1m").error().message,
            "probe answered 'lead [1m', expected 'primary' or 'standby', and behind it the position as an integer if "
            "there is one");
  EXPECT_TRUE(parseExecAnswer("").error().message.starts_with("probe answered nothing, expected "));
}

TEST(ExecStatus, Endings) {
  EXPECT_TRUE(parseExecStatus(R"({"kind":"Status","status":"Success"})").success);
  const ExecStatus failed = parseExecStatus(
      R"({"kind":"Status","status":"Failure","reason":"NonZeroExitCode",
          "details":{"causes":[{"reason":"Other","message":"x"},{"reason":"ExitCode","message":"137"}]}})");
  EXPECT_FALSE(failed.success);
  EXPECT_EQ(failed.exitCode, 137);
  EXPECT_EQ(failed.message, "exit code 137");
  // As a kubelet 1.36 sends it.
  const ExecStatus error = parseExecStatus(
      R"({"metadata":{},"status":"Failure","reason":"InternalError","message":"exec: \"/x\": no such file","code":500})");
  EXPECT_FALSE(error.exitCode.has_value());
  EXPECT_EQ(error.message, R"(exec: "/x": no such file)");
  EXPECT_EQ(parseExecStatus(R"({"status":"Failure"})").message, R"(the server says only: {"status":"Failure"})");
  EXPECT_EQ(parseExecStatus("junk").message, "the server sent no exit status but: junk");
}

TEST(ExecStatus, Message) {
  http::ExecOutput o;
  o.out = "out";
  o.err = "err";
  EXPECT_EQ(execMessage({true, 0, ""}, o), "out");
  EXPECT_EQ(execMessage({false, 1, "exit code 1"}, o), "exit code 1: out / err");
  o.out.clear();
  EXPECT_EQ(execMessage({false, 1, "exit code 1"}, o), "exit code 1: err");
  o.err.clear();
  EXPECT_EQ(execMessage({false, 1, "exit code 1"}, o), "exit code 1");
  o.out = std::string(10000, 'o');
  o.err = std::string(10000, 'e');
  EXPECT_LT(execMessage({false, 1, "exit code 1"}, o).size(), 600u);
  EXPECT_NE(execMessage({false, 1, "exit code 1"}, o).find("eee"), std::string::npos);
}

TEST(ExecStatus, WhichNotFound) {
  EXPECT_TRUE(saysPodNotFound(R"({"reason":"NotFound","details":{"name":"a","kind":"pods"}})", "a"));
  EXPECT_FALSE(saysPodNotFound(R"({"reason":"NotFound","details":{"name":"b","kind":"pods"}})", "a"));
  EXPECT_FALSE(saysPodNotFound(R"({"reason":"NotFound","details":{"name":"a","kind":"containers"}})", "a"));
  EXPECT_FALSE(saysPodNotFound("404 page not found", "a"));
}

TEST(ExecStatus, AnUnreachableNode) {
  EXPECT_TRUE(saysNodeUnreachable("error dialing backend: dial tcp 10.0.0.2:10250: i/o timeout"));
  EXPECT_TRUE(saysNodeUnreachable("error dialing backend: dial tcp 10.0.0.2:10250: connect: no route to host"));
  EXPECT_FALSE(saysNodeUnreachable("error dialing backend: dial tcp 10.0.0.2:10250: connect: connection refused"));
  EXPECT_FALSE(saysNodeUnreachable("container not found (\"db\")"));
}

TEST(Text, Readable) {
  EXPECT_EQ(readable("  a\r\n\tb\x7f \x01 c \n"), "a b c");
  EXPECT_EQ(readable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(readable("a\xff\xc3"), "a??");
  EXPECT_EQ(readable("\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80"), "??|???|????");  // overlong, surrogate, too high
  EXPECT_EQ(readable("a\xc2\x9b"
                     "b\xe2\x80\xae"
                     "c"),
            "a b c");  // C1 control, right-to-left override
  EXPECT_EQ(readable("abcdef", 4), "abcd...");
  EXPECT_EQ(readable("abc\xc3\xbc", 4), "abc...");
  EXPECT_EQ(readable("abcd  \n", 4), "abcd");
  EXPECT_EQ(readable(""), "");
}

TEST(Pauses, GrowUpToALimit) {
  using std::chrono::milliseconds;
  EXPECT_EQ(hookPause(1), milliseconds(200));
  EXPECT_EQ(hookPause(2), milliseconds(400));
  EXPECT_EQ(hookPause(5), milliseconds(3200));
  EXPECT_EQ(hookPause(6), milliseconds(5000));
  EXPECT_EQ(hookPause(1000), milliseconds(5000));
  EXPECT_EQ(conflictPause(1), milliseconds(10));
  EXPECT_EQ(conflictPause(1000), milliseconds(640));
  EXPECT_EQ(gonePause(1), milliseconds(100));
  EXPECT_EQ(gonePause(1000), milliseconds(1000));
}

}  // namespace
}  // namespace baton::mechanisms
