#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "app/address.h"
#include "app/settings.h"
#include "app/settings_table.h"
#include "app/spelling.h"

namespace baton::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Address, IsTaken) {
  for (const char* text :
       {":0", ":65535", "127.0.0.1:80", "[::]:80", "[fd00::1]:80", "localhost:80", "a-b.example.com:80"})
    EXPECT_TRUE(parseAddress(text).has_value()) << text;
  EXPECT_EQ(parseAddress("[fd00::1]:80")->host, "fd00::1");
  EXPECT_EQ(parseAddress("[fd00::1]:80")->port, 80);
}

TEST(Address, IsRefused) {
  for (const char* text : {"",
                           ":",
                           "80",
                           "localhost",
                           "localhost:",
                           ":http",
                           ":65536",
                           ":-1",
                           ":+1",
                           ": 1",
                           "::1:80",
                           "fd00::1",
                           "[::1]",
                           "[]:80",
                           "[127.0.0.1]:80",
                           "[::1:80",
                           "1.2.3:80",
                           "1.2.3.4.5:80",
                           "256.0.0.1:80",
                           "a b:80",
                           "http://a:80",
                           "-a:80",
                           ".a:80",
                           "a..b:80",
                           "a:80:90"})
    EXPECT_FALSE(parseAddress(text).has_value()) << text;
}

TEST(Address, KnowsLoopback) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"})
    EXPECT_TRUE(parseAddress(text)->loopback()) << text;
  for (const char* text : {":1", "0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.example.com:1"})
    EXPECT_FALSE(parseAddress(text)->loopback()) << text;
}

TEST(Spelling, FindsTheNearest) {
  const std::vector<std::string> names = {"workers", "shards", "shard", "logLevel", "logFormat"};
  EXPECT_EQ(nearest("wokers", names), "workers");
  EXPECT_EQ(nearest("owrkers", names), "workers");
  EXPECT_EQ(nearest("shrad", names), "shard");
  EXPECT_EQ(nearest("LOG_LEVEL", names), "logLevel");
  EXPECT_EQ(nearest("xyz", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(5000, 'w'), names), "");
}

TEST(Help, ShowsEveryFlagAndDefaultWithin100Columns) {
  const std::string help = helpText();
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
  for (const auto& setting : allSettings()) EXPECT_THAT(help, HasSubstr("  --" + setting.flag)) << setting.flag;
  for (const char* flag : {"--config FILE", "--version", "--help"}) EXPECT_THAT(help, HasSubstr(flag));
  EXPECT_THAT(help, HasSubstr("Default: :8443."));
  EXPECT_THAT(help, HasSubstr("--log-level debug|info|warn|error"));
  EXPECT_EQ(help.back(), '\n');
}

TEST(Table, NamesEachSettingOnceAndKeepsTheDefaultsItShows) {
  std::set<std::string> flags, keys;
  for (const auto& setting : allSettings()) {
    EXPECT_TRUE(flags.insert(setting.flag).second) << setting.flag;
    EXPECT_TRUE(keys.insert(setting.key).second) << setting.key;
    const std::string value = setting.show(Settings{});
    EXPECT_TRUE(!value.empty() || !setting.unset.empty()) << setting.flag << " shows no default";
    Settings s;
    if (!value.empty()) {
      EXPECT_TRUE(setting.set(s, {value})) << setting.flag << " refuses its default";
    }
  }
  EXPECT_EQ(keys.count("apiTlsCert"), 1U);
}

TEST(Table, IsTheOneInTheDocumentation) {
  const auto path = std::filesystem::path(BATON_SOURCE_DIR) / "docs/settings.md";
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str().find(settingsTable()), std::string::npos) << "docs/settings.md should have this table:\n\n"
                                                                 << settingsTable();
}

}  // namespace
}  // namespace baton::app
