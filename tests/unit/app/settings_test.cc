#include "app/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "app/address.h"
#include "app/settings_table.h"
#include "app/spelling.h"

namespace baton::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Args = std::vector<std::string>;

/// Parses with a file "baton.yaml" of that text, if any.
Result<Parsed> parseWith(const std::string& file, Args args = {}) {
  args.insert(args.begin(), {"--config", "baton.yaml"});
  return parse(args, [&](const std::string& path) -> Result<std::string> {
    if (path != "baton.yaml") return notFound("no such file");
    return file;
  });
}

Result<Parsed> parseFlags(const Args& args) {
  return parse(args, [](const std::string&) -> Result<std::string> { return internal("no file is to be read"); });
}

Settings good(const Result<Parsed>& parsed) {
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message);
  return parsed.ok() ? parsed->settings : Settings{};
}

std::string bad(const Result<Parsed>& parsed) {
  EXPECT_FALSE(parsed.ok());
  if (parsed.ok()) return {};
  EXPECT_EQ(parsed.error().kind, Error::Kind::Invalid);
  EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos);
  return parsed.error().message;
}

TEST(Settings, NothingGivenIsAllDefaults) {
  const Settings s = good(parseFlags({}));
  EXPECT_EQ(s.kubeconfig, "");
  EXPECT_TRUE(s.namespaces.empty());
  EXPECT_EQ(s.apiAddress, ":8443");
  EXPECT_EQ(s.metricsAddress, ":9090");
  EXPECT_EQ(s.healthAddress, ":8081");
  EXPECT_TRUE(s.leaderElect);
  EXPECT_EQ(s.leaderElectNamespace, "");
  EXPECT_EQ(s.leaseDuration.count(), 15);
  EXPECT_EQ(s.renewDeadline.count(), 10);
  EXPECT_EQ(s.retryPeriod.count(), 2);
  EXPECT_GE(s.workers, 2);
  EXPECT_EQ(s.maxRequestsInFlight, 16);
  EXPECT_FALSE(s.multiTenant);
  EXPECT_EQ(s.logLevel, log::Level::Info);
  EXPECT_EQ(s.logFormat, log::Format::Json);
}

TEST(Settings, EveryFlagIsTaken) {
  const Settings s = good(parseFlags({"--kubeconfig",
                                      "/k",
                                      "--context",
                                      "lab",
                                      "--namespaces",
                                      "a,b",
                                      "--api-address",
                                      "10.0.0.1:1",
                                      "--api-tls-cert",
                                      "/c",
                                      "--api-tls-key",
                                      "/y",
                                      "--api-credentials",
                                      "/u",
                                      "--metrics-address",
                                      "127.0.0.1:2",
                                      "--health-address",
                                      "[::1]:3",
                                      "--leader-elect=false",
                                      "--leader-elect-namespace",
                                      "ops",
                                      "--lease-duration",
                                      "30",
                                      "--renew-deadline",
                                      "20",
                                      "--retry-period",
                                      "4",
                                      "--workers",
                                      "8",
                                      "--max-requests-in-flight",
                                      "64",
                                      "--multi-tenant",
                                      "--shards",
                                      "1",
                                      "--shard",
                                      "0",
                                      "--log-level",
                                      "debug",
                                      "--log-format",
                                      "text"}));
  EXPECT_EQ(s.kubeconfig, "/k");
  EXPECT_EQ(s.context, "lab");
  EXPECT_EQ(s.namespaces, (Args{"a", "b"}));
  EXPECT_EQ(s.apiAddress, "10.0.0.1:1");
  EXPECT_EQ(s.apiTlsCert, "/c");
  EXPECT_EQ(s.apiTlsKey, "/y");
  EXPECT_EQ(s.apiCredentials, "/u");
  EXPECT_EQ(s.metricsAddress, "127.0.0.1:2");
  EXPECT_EQ(s.healthAddress, "[::1]:3");
  EXPECT_FALSE(s.leaderElect);
  EXPECT_EQ(s.leaderElectNamespace, "ops");
  EXPECT_EQ(s.leaseDuration.count(), 30);
  EXPECT_EQ(s.renewDeadline.count(), 20);
  EXPECT_EQ(s.retryPeriod.count(), 4);
  EXPECT_EQ(s.workers, 8);
  EXPECT_EQ(s.maxRequestsInFlight, 64);
  EXPECT_TRUE(s.multiTenant);
  EXPECT_EQ(s.logLevel, log::Level::Debug);
  EXPECT_EQ(s.logFormat, log::Format::Text);
}

/// For each setting a value that is not its default, as a flag has it and as YAML has it.
const std::map<std::string, std::pair<std::string, std::string>> kOthers = {
    {"kubeconfig", {"/k", "/k"}},
    {"max-concurrent-failovers", {"3", "3"}},
    {"storm-share", {"30", "30"}},
    {"storm-groups", {"4", "4"}},
    {"storm-window", {"5", "5"}},
    {"context", {"lab", "lab"}},
    {"namespaces", {"a,b", "[a, b]"}},
    {"api-address", {"127.0.0.1:1", "127.0.0.1:1"}},
    {"api-credentials", {"/u", "/u"}},
    {"metrics-address", {"127.0.0.1:2", "127.0.0.1:2"}},
    {"health-address", {"[::1]:3", "'[::1]:3'"}},
    {"leader-elect", {"false", "false"}},
    {"leader-elect-namespace", {"ops", "ops"}},
    {"lease-duration", {"30", "30"}},
    {"renew-deadline", {"12", "12"}},
    {"retry-period", {"3", "3"}},
    {"workers", {"8", "8"}},
    {"max-requests-in-flight", {"64", "64"}},
    {"multi-tenant", {"true", "true"}},
    {"log-level", {"warn", "warn"}},
    {"log-format", {"text", "text"}},
};

TEST(Settings, KeyAndFlagOfEachSettingMeanTheSame) {
  for (const auto& setting : allSettings()) {
    if (kOthers.count(setting.flag) == 0) {
      EXPECT_THAT((Args{"api-tls-cert", "api-tls-key", "shards", "shard"}), testing::Contains(setting.flag));
      continue;
    }
    const auto& [flag, yaml] = kOthers.at(setting.flag);
    const Settings byFlag = good(parseFlags({"--" + setting.flag + "=" + flag}));
    const Settings byKey = good(parseWith(setting.key + ": " + yaml + "\n"));
    EXPECT_EQ(setting.show(byFlag), setting.show(byKey)) << setting.flag;
    if (setting.shape != Shape::List) {
      EXPECT_NE(setting.show(byFlag), setting.show(Settings{})) << setting.flag;
    }
  }
  EXPECT_EQ(good(parseWith("namespaces: [a, b]\n")).namespaces, (Args{"a", "b"}));
}

TEST(Settings, FlagsWinOverTheFile) {
  const Settings s = good(parseWith("workers: 3\nlogLevel: warn\n", {"--workers=5"}));
  EXPECT_EQ(s.workers, 5);
  EXPECT_EQ(s.logLevel, log::Level::Warn);
}

TEST(Settings, FlagsWinWhereverTheyStand) {
  const auto parsed = parse({"--workers=5", "--config=baton.yaml"},
                            [](const std::string&) -> Result<std::string> { return std::string("workers: 3"); });
  EXPECT_EQ(good(parsed).workers, 5);
  EXPECT_EQ(parsed->configFile, "baton.yaml");
}

TEST(Settings, AFlagMayEmptyTheFilesList) {
  EXPECT_TRUE(good(parseWith("namespaces: [a]\n", {"--namespaces="})).namespaces.empty());
}

TEST(Settings, AnEmptyFileChangesNothing) {
  for (const char* text : {"", "\n", "# only a remark\n", "---\n", "{}\n", "null\n", "---\n...\n"})
    EXPECT_EQ(good(parseWith(text)).workers, Settings{}.workers) << text;
}

TEST(Settings, AKeyWithoutAValueIsAsIfItWereNotThere) {
  EXPECT_EQ(good(parseWith("workers:\nkubeconfig: ~\nnamespaces:\n# - a\n")).workers, Settings{}.workers);
}

TEST(Settings, TextMayBeQuoted) {
  const Settings s = good(parseWith("kubeconfig: \"/a b\"\nmetricsAddress: ':1'\nlogLevel: \"error\"\n"));
  EXPECT_EQ(s.kubeconfig, "/a b");
  EXPECT_EQ(s.metricsAddress, ":1");
  EXPECT_EQ(s.logLevel, log::Level::Error);
}

TEST(Settings, HelpAndVersionComeFirst) {
  EXPECT_EQ(parseFlags({"--help"})->what, Parsed::Do::ShowHelp);
  EXPECT_EQ(parseFlags({"-h"})->what, Parsed::Do::ShowHelp);
  EXPECT_EQ(parseFlags({"--version"})->what, Parsed::Do::ShowVersion);
  EXPECT_EQ(parseFlags({"--no-such", "--help"})->what, Parsed::Do::ShowHelp);
  EXPECT_EQ(parseFlags({"--config", "/absent", "--version"})->what, Parsed::Do::ShowVersion);
}

TEST(Settings, TheFileIsReadOnlyWhenNamed) {
  EXPECT_TRUE(parseFlags({"--workers", "3"}).ok());
  const std::string message = bad(parse(
      {"--config", "/absent"}, [](const std::string&) -> Result<std::string> { return notFound("no such file"); }));
  EXPECT_EQ(message, "--config: no such file");
}

struct Refused {
  const char* name;
  Args args;
  const char* message;
};

class RefusedFlags : public testing::TestWithParam<Refused> {};

TEST_P(RefusedFlags, AndSaysWhy) { EXPECT_EQ(bad(parseFlags(GetParam().args)), GetParam().message); }

const Refused kRefusedFlags[] = {
    {"Unknown", {"--wrokers", "3"}, "unknown flag '--wrokers'; did you mean --workers?"},
    {"UnknownWithValue", {"--worker=3"}, "unknown flag '--worker'; did you mean --workers?"},
    {"UnknownFar", {"--frobnicate"}, "unknown flag '--frobnicate'; --help lists all"},
    {"CamelCase", {"--logLevel", "info"}, "unknown flag '--logLevel'; did you mean --log-level?"},
    {"OneDash", {"-workers", "3"}, "unknown flag '-workers'; did you mean --workers?"},
    {"ProgramFlag", {"--confg", "x"}, "unknown flag '--confg'; did you mean --config?"},
    {"Stray", {"start"}, "unexpected argument 'start'; expected flags only, such as --config FILE"},
    {"DoubleDash", {"--"}, "unexpected argument '--'; expected flags only, such as --config FILE"},
    {"SwitchWithSpace", {"--leader-elect", "false"}, "unexpected argument 'false'; write --leader-elect=false"},
    {"SwitchWithWord", {"--leader-elect=no"}, "--leader-elect: expected true or false, found 'no'"},
    {"SwitchWithNothing", {"--multi-tenant="}, "--multi-tenant: expected true or false, found ''"},
    {"NoValue", {"--workers"}, "--workers: expected a whole number from 1 to 64, found no value"},
    {"NextFlagAsValue",
     {"--workers", "--multi-tenant"},
     "--workers: expected a whole number from 1 to 64, found the flag '--multi-tenant'"},
    {"Twice", {"--workers=2", "--workers=3"}, "--workers: expected once, but it is given twice"},
    {"ConfigTwice", {"--config=a", "--config=b"}, "--config: expected once, but it is given twice"},
    {"ConfigEmpty", {"--config="}, "--config: expected the path of a file, found ''"},
    {"NotANumber", {"--workers", "many"}, "--workers: expected a whole number from 1 to 64, found 'many'"},
    {"NumberWithUnit", {"--retry-period", "2s"}, "--retry-period: expected whole seconds from 1 to 3600, found '2s'"},
    {"Fraction", {"--retry-period", "1.5"}, "--retry-period: expected whole seconds from 1 to 3600, found '1.5'"},
    {"Space", {"--workers", " 3"}, "--workers: expected a whole number from 1 to 64, found ' 3'"},
    {"TooSmall", {"--workers", "0"}, "--workers: expected a whole number from 1 to 64, found '0'"},
    {"TooLarge", {"--workers", "65"}, "--workers: expected a whole number from 1 to 64, found '65'"},
    {"Negative", {"--workers", "-1"}, "--workers: expected a whole number from 1 to 64, found '-1'"},
    {"Overflow",
     {"--max-requests-in-flight", "99999999999999999999"},
     "--max-requests-in-flight: expected a whole number from 1 to 1000, found '99999999999999999999'"},
    {"Level", {"--log-level", "trace"}, "--log-level: expected debug, info, warn or error, found 'trace'"},
    {"LevelCase", {"--log-level", "INFO"}, "--log-level: expected debug, info, warn or error, found 'INFO'"},
    {"Format", {"--log-format", "xml"}, "--log-format: expected json or text, found 'xml'"},
    {"AddressWithoutPort",
     {"--metrics-address", "localhost"},
     "--metrics-address: expected HOST:PORT, [IPV6]:PORT or :PORT, found 'localhost'"},
    {"AddressEmpty", {"--health-address", ""}, "--health-address: expected HOST:PORT, [IPV6]:PORT or :PORT, found ''"},
    {"Namespace", {"--namespaces", "a,B"}, "--namespaces: expected names of namespaces, each once, found 'a,B'"},
    {"NamespaceEmpty", {"--namespaces", "a,,b"}, "--namespaces: expected names of namespaces, each once, found 'a,,b'"},
    {"NamespaceTwice", {"--namespaces", "a,a"}, "--namespaces: expected names of namespaces, each once, found 'a,a'"},
    {"LeaseNamespace",
     {"--leader-elect-namespace", "a/b"},
     "--leader-elect-namespace: expected the name of a namespace, found 'a/b'"},
    {"Shards", {"--shards", "2"}, "--shards: expected 1 (more than one shard is not supported yet), found '2'"},
    {"Shard", {"--shard", "1"}, "--shard: expected 0 (more than one shard is not supported yet), found '1'"},
    {"CertWithoutKey", {"--api-tls-cert", "/c"}, "--api-tls-cert: expected api-tls-key to be given, too"},
    {"KeyWithoutCert", {"--api-tls-key", "/k"}, "--api-tls-key: expected api-tls-cert to be given, too"},
    {"OpenWithoutTls",
     {"--api-address", "0.0.0.0:8443"},
     "--api-address: expected a loopback address, or api-tls-cert and api-tls-key, found '0.0.0.0:8443'"},
    {"Lease",
     {"--renew-deadline", "15"},
     "--renew-deadline: the lease's duration must be greater than its renew deadline (found: lease duration 15 s, "
     "renew deadline 15 s, retry period 2 s)"},
    {"Retry",
     {"--retry-period", "9"},
     "--retry-period: the lease's renew deadline must be greater than 1.2 times its retry period (found: lease "
     "duration 15 s, renew deadline 10 s, retry period 9 s)"},
};

std::string nameOf(const testing::TestParamInfo<Refused>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Settings, RefusedFlags, testing::ValuesIn(kRefusedFlags), nameOf);

struct RefusedText {
  const char* name;
  const char* file;
  const char* message;
};

class RefusedFiles : public testing::TestWithParam<RefusedText> {};

TEST_P(RefusedFiles, AndSaysWhy) { EXPECT_EQ(bad(parseWith(GetParam().file)), GetParam().message); }

const RefusedText kRefusedFiles[] = {
    {"UnknownKey", "workers: 2\nlogLevl: info\n", "baton.yaml:2: unknown key 'logLevl'; did you mean logLevel?"},
    {"FlagAsKey", "\n\nlog-level: info\n", "baton.yaml:3: unknown key 'log-level'; did you mean logLevel?"},
    {"FarKey", "replicas: 2\n", "baton.yaml:1: unknown key 'replicas'; --help lists all"},
    {"ConfigAsKey", "config: other.yaml\n", "baton.yaml:1: config is a flag only, not a key of this file"},
    {"Duplicate", "workers: 2\n# x\nworkers: 3\n", "baton.yaml:3: workers: expected once, but it is also on line 1"},
    {"DuplicateOfNothing", "workers:\nworkers: 3\n", "baton.yaml:2: workers: expected once, but it is also on line 1"},
    {"QuotedNumber", "workers: \"4\"\n",
     "baton.yaml:1: workers: expected a whole number from 1 to 64, found the text '4'"},
    {"QuotedBoolean", "leaderElect: 'true'\n",
     "baton.yaml:1: leaderElect: expected true or false, found the text 'true'"},
    {"Yes", "leaderElect: yes\n", "baton.yaml:1: leaderElect: expected true or false, found 'yes'"},
    {"NumberAsList", "workers: [1]\n", "baton.yaml:1: workers: expected a whole number from 1 to 64, found a list"},
    {"TextAsMap", "logLevel:\n  all: debug\n",
     "baton.yaml:2: logLevel: expected debug, info, warn or error, found a map"},
    {"ListAsText", "namespaces: a,b\n",
     "baton.yaml:1: namespaces: expected a list of names of namespaces, each once, found 'a,b'"},
    {"ListOfMaps", "namespaces:\n- name: a\n",
     "baton.yaml:2: namespaces: expected a list of names of namespaces, each once, found a map"},
    {"BadItem", "namespaces: [a, b_c]\n",
     "baton.yaml:1: namespaces: expected names of namespaces, each once, found 'a,b_c'"},
    {"BadNumber", "workers: 100\n", "baton.yaml:1: workers: expected a whole number from 1 to 64, found '100'"},
    {"HexNumber", "workers: 0x4\n", "baton.yaml:1: workers: expected a whole number from 1 to 64, found '0x4'"},
    {"BadAddress", "healthAddress: 8081\n",
     "baton.yaml:1: healthAddress: expected HOST:PORT, [IPV6]:PORT or :PORT, found '8081'"},
    {"ListOfSettings", "- workers: 2\n", "baton.yaml:1: expected a map of settings, found a list"},
    {"Text", "workers\n", "baton.yaml:1: expected a map of settings, found 'workers'"},
    {"TwoDocuments", "workers: 2\n---\nworkers: 3\n", "baton.yaml:2: expected one YAML document, found more"},
    {"NothingButAComma", ",", "baton.yaml:1: expected one YAML document, found more"},
    {"MapAsKey", "{a: b}: c\n", "baton.yaml:1: expected the name of a setting as key, found a map"},
    {"MergeKey", "<<: {workers: 2}\n", "baton.yaml:1: unknown key '<<'; --help lists all"},
    {"LeaseInFile", "leaseDuration: 5\n",
     "baton.yaml:1: leaseDuration: the lease's duration must be greater than its renew deadline (found: lease "
     "duration 5 s, renew deadline 10 s, retry period 2 s)"},
    {"CertInFile", "\napiTlsCert: /c\n", "baton.yaml:2: apiTlsCert: expected api-tls-key to be given, too"},
};

std::string nameOfText(const testing::TestParamInfo<RefusedText>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Settings, RefusedFiles, testing::ValuesIn(kRefusedFiles), nameOfText);

TEST(Settings, WhatIsNoYamlIsRefusedWithItsLine) {
  EXPECT_THAT(bad(parseWith("workers: 2\nlogLevel: [a\n")), StartsWith("baton.yaml:"));
  EXPECT_THAT(bad(parseWith("workers: 2\n\tlogLevel: x\n")), HasSubstr("expected YAML"));
  EXPECT_THAT(bad(parseWith("workers: *nobody\n")), StartsWith("baton.yaml:1: expected YAML"));
}

TEST(Settings, AFileThatIsDeepOrBinaryIsRefused) {
  EXPECT_FALSE(parseWith("workers: " + std::string(20000, '[')).ok());
  EXPECT_FALSE(parseWith(std::string("\0\1\2workers", 10)).ok());
}

TEST(Settings, WrongValuesInTheFileAreRefusedEvenWhenAFlagWins) {
  EXPECT_THAT(bad(parseWith("workers: none\n", {"--workers=2"})), StartsWith("baton.yaml:1: workers"));
}

TEST(Settings, AFlagMayMendTheLeaseOfTheFile) {
  EXPECT_EQ(good(parseWith("leaseDuration: 5\n", {"--renew-deadline=4"})).leaseDuration.count(), 5);
}

TEST(Settings, MessagesQuoteNoControlCharactersAndNothingLong) {
  const std::string message = bad(parseFlags({"--log-level", "a\nb\033[2J" + std::string(500, 'x')}));
  EXPECT_THAT(message, HasSubstr("'a?b?[2Jxxx"));
  EXPECT_LT(message.size(), 200U);
}

TEST(Settings, WithoutACertificateTheApiListensOnLoopback) {
  EXPECT_EQ(apiListenAddress(Settings{}), "127.0.0.1:8443");
  EXPECT_EQ(apiListenAddress(good(parseFlags({"--api-address", "[::1]:1"}))), "[::1]:1");
  EXPECT_EQ(apiListenAddress(good(parseFlags({"--api-tls-cert=/c", "--api-tls-key=/k"}))), ":8443");
}

}  // namespace
}  // namespace baton::app
