#include "kube/exec_authenticator.h"

#include <nlohmann/json.hpp>

#include <signal.h>

#include <future>
#include <mutex>

#include "kube/subprocess.h"
#include "unit/kube/config_fixture.h"

namespace baton::kube {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr const char* kV1 = "client.authentication.k8s.io/v1";

ExecPlugin plugin() {
  ExecPlugin p;
  p.apiVersion = kV1;
  p.command = "plugin";
  p.where = "f:1: user \"x\"";
  return p;
}

std::string answer(const json& status) {
  return json({{"kind", "ExecCredential"}, {"apiVersion", kV1}, {"status", status}}).dump();
}

Result<Credential> wait(Authenticator& a) {
  std::promise<Result<Credential>> p;
  a.credential([&](Result<Credential> r) { p.set_value(std::move(r)); });
  return p.get_future().get();
}

/// Answers what the test says, and counts.
struct FakePlugin {
  std::atomic<int> runs{0};
  std::mutex mutex;
  Result<std::string> next = answer({{"token", "one"}});

  void say(Result<std::string> r) {
    std::lock_guard l(mutex);
    next = std::move(r);
  }
  PluginRunner runner() {
    return [this](const ExecPlugin&, const std::atomic<bool>&) {
      ++runs;
      std::lock_guard l(mutex);
      return next;
    };
  }
};

TEST(ExecCredential, InfoForThePlugin) {
  ExecPlugin p = plugin();
  EXPECT_EQ(json::parse(execInfo(p)),
            json({{"kind", "ExecCredential"}, {"apiVersion", kV1}, {"spec", {{"interactive", false}}}}));
  p.clusterInfo = R"({"server":"https://s"})";
  EXPECT_EQ(json::parse(execInfo(p))["spec"]["cluster"]["server"], "https://s");
}

TEST(ExecCredential, ReadsWhatItPrints) {
  const auto a = readExecAnswer(plugin(), answer({{"token", "t\n"},
                                                  {"clientCertificateData", kCert},
                                                  {"clientKeyData", kKey},
                                                  {"expirationTimestamp", "2030-01-01T00:00:00Z"}}));
  ASSERT_TRUE(a.ok()) << a.error().message;
  EXPECT_EQ(a->token, "t");
  EXPECT_EQ(a->clientCert, kCert);
  EXPECT_EQ(a->expires, parseTime("2030-01-01T00:00:00Z"));
}

TEST(ExecCredential, RefusesWhatIsNone) {
  const std::vector<std::string> bad = {
      "",
      "s3cret",
      "{}",
      R"({"kind":"Secret","apiVersion":"v1"})",
      R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"s3cret"}})",
      R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"})",
      answer({{"foo", "s3cret"}}),
      answer({{"clientCertificateData", "s3cret"}}),
      answer({{"clientKeyData", "s3cret"}}),
      answer({{"token", "s3cret\nX-Evil: 1"}}),
      answer({{"token", "s3cret"}, {"expirationTimestamp", "tomorrow"}}),
      answer({{"token", "s3cret"}, {"expirationTimestamp", 5}}),
  };
  for (const std::string& output : bad) {
    const auto a = readExecAnswer(plugin(), output);
    ASSERT_FALSE(a.ok()) << output;
    EXPECT_NE(a.error().message.find("user \"x\": credential plugin plugin"), std::string::npos) << a.error().message;
    EXPECT_EQ(a.error().message.find("s3cret"), std::string::npos) << a.error().message;
  }
}

TEST(ExecAuthenticator, RunsOnceUntilTheCredentialExpires) {
  ManualClock clock;
  FakePlugin fake;
  fake.say(answer({{"token", "one"}, {"expirationTimestamp", formatTime(clock.now() + 60s)}}));
  ExecAuthenticator a(plugin(), fake.runner(), clock);
  EXPECT_EQ(fake.runs, 0) << "not before it is needed";
  EXPECT_EQ(wait(a)->authorization, "Bearer one");
  clock.advance(59s);
  EXPECT_EQ(wait(a)->authorization, "Bearer one");
  EXPECT_EQ(fake.runs, 1);
  fake.say(answer({{"token", "two"}}));
  clock.advance(1s);
  EXPECT_EQ(wait(a)->authorization, "Bearer two");
  clock.advance(24h);
  EXPECT_EQ(wait(a)->authorization, "Bearer two");
  EXPECT_EQ(fake.runs, 2);
}

TEST(ExecAuthenticator, RunsAgainAfterA401) {
  ManualClock clock;
  FakePlugin fake;
  ExecAuthenticator a(plugin(), fake.runner(), clock);
  const uint64_t serial = wait(a)->serial;
  fake.say(answer({{"token", "two"}}));
  EXPECT_FALSE(a.refused(serial)) << "a fresh answer that is refused must not start a storm";
  clock.advance(5s);
  EXPECT_TRUE(a.refused(serial));
  EXPECT_EQ(wait(a)->authorization, "Bearer two");
  EXPECT_TRUE(a.refused(serial)) << "of an older credential: the present one may do";
  EXPECT_EQ(wait(a)->authorization, "Bearer two");
  EXPECT_EQ(fake.runs, 2);
}

TEST(ExecAuthenticator, RemembersAFailureForAWhile) {
  ManualClock clock;
  FakePlugin fake;
  fake.say(invalid("no luck"));
  ExecAuthenticator a(plugin(), fake.runner(), clock);
  EXPECT_EQ(wait(a).error().message, "no luck");
  EXPECT_EQ(wait(a).error().message, "no luck");
  EXPECT_EQ(fake.runs, 1);
  fake.say(answer({{"token", "one"}}));
  clock.advance(5s);
  EXPECT_EQ(wait(a)->authorization, "Bearer one");
}

TEST(ExecAuthenticator, ManyWaitForOneRun) {
  std::promise<void> go;
  std::atomic<int> runs{0};
  ExecAuthenticator a(plugin(), [&](const ExecPlugin&, const std::atomic<bool>&) {
    ++runs;
    go.get_future().wait();
    return Result<std::string>(answer({{"token", "one"}}));
  });
  std::vector<std::promise<std::string>> results(10);
  for (auto& result : results)
    a.credential([&](Result<Credential> r) { result.set_value(r ? r->authorization : r.error().message); });
  go.set_value();
  for (auto& result : results) EXPECT_EQ(result.get_future().get(), "Bearer one");
  EXPECT_EQ(runs, 1);
}

TEST(ExecAuthenticator, DestructionEndsTheRunAndTellsWhoWaits) {
  std::promise<void> begun;
  std::promise<Error::Kind> told;
  {
    ExecAuthenticator a(plugin(), [&](const ExecPlugin&, const std::atomic<bool>& stop) {
      begun.set_value();
      while (!stop) std::this_thread::yield();
      return Result<std::string>(cancelled("stopped"));
    });
    a.credential([&](Result<Credential> r) { told.set_value(r ? Error::Kind::Internal : r.error().kind); });
    begun.get_future().wait();
  }
  EXPECT_EQ(told.get_future().get(), Error::Kind::Cancelled);
}

TEST(ExecAuthenticator, MayGoAwayWithinItsOwnCallback) {
  FakePlugin fake;
  std::promise<void> done;
  auto a = std::make_shared<ExecAuthenticator>(plugin(), fake.runner());
  std::promise<void> released;
  a->credential([&, own = a](Result<Credential>) mutable {
    released.get_future().wait();
    own.reset();
    done.set_value();
  });
  a.reset();
  released.set_value();
  done.get_future().wait();
}

// From here on with a process.

class ExecPluginRun : public ConfigTest {
 protected:
  std::string exec(const std::string& script, const std::string& more = {}) {
    dir.script("bin/plugin", script);
    return "exec: {apiVersion: " + std::string(kV1) + ", command: bin/plugin, interactiveMode: Never" + more + "}";
  }
};

TEST_F(ExecPluginRun, TokenAndCertificateByAScript) {
  const std::string script =
      "test \"$1-$2\" = 'get-a b' || exit 3\n"
      "test \"$PLUGIN_MODE\" = test || exit 4\n"
      "printf '%s' \"$KUBERNETES_EXEC_INFO\" > " +
      dir.path("info") + "\ncat <<'END'\n" +
      answer({{"token", "from-script"}, {"clientCertificateData", kCert}, {"clientKeyData", kKey}}) + "\nEND\n";
  const std::string user =
      exec(script, ", args: [get, 'a b'], env: [{name: PLUGIN_MODE, value: test}], provideClusterInfo: true");
  const auto c =
      load(one("server: 'https://s/p', tls-server-name: n, certificate-authority-data: " + base64Encode(kCa) +
                   ", extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a, n: 7}}]",
               user));
  ASSERT_TRUE(c.ok()) << c.error().message;
  EXPECT_EQ(c->tls().clientCert, "");
  const auto credential = wait(*c->authenticator);
  ASSERT_TRUE(credential.ok()) << credential.error().message;
  EXPECT_EQ(credential->authorization, "Bearer from-script");
  EXPECT_EQ(c->tls().clientCert, kCert);
  EXPECT_EQ(c->tls().clientKey, kKey);
  std::ifstream in(dir.path("info"));
  EXPECT_EQ(json::parse(in)["spec"], json({{"interactive", false},
                                           {"cluster",
                                            {{"server", "https://s/p"},
                                             {"tls-server-name", "n"},
                                             {"certificate-authority-data", base64Encode(kCa)},
                                             {"config", {{"audience", "a"}, {"n", 7}}}}}}));
}

TEST_F(ExecPluginRun, FailureSaysWhyButNotWhatWasPrinted) {
  const auto c =
      loadUser(exec("echo s3cret\necho 'please log in' >&2\nhead -c 100000 /dev/zero | tr '\\0' x >&2\nexit 7\n"));
  ASSERT_TRUE(c.ok()) << c.error().message;
  const auto credential = wait(*c->authenticator);
  ASSERT_FALSE(credential.ok());
  const std::string& said = credential.error().message;
  EXPECT_NE(
      said.find("user \"x\": credential plugin " + dir.path("bin/plugin") + " ended with exit code 7: please log in"),
      std::string::npos)
      << said;
  EXPECT_EQ(said.find("s3cret"), std::string::npos);
  EXPECT_LT(said.size(), 2000u);
}

TEST_F(ExecPluginRun, MissingProgramGivesTheHint) {
  const auto c = loadUser("exec: {apiVersion: " + std::string(kV1) +
                          ", command: baton-no-such-plugin, interactiveMode: Never, installHint: 'get it there'}");
  ASSERT_TRUE(c.ok()) << c.error().message;
  const auto credential = wait(*c->authenticator);
  ASSERT_FALSE(credential.ok());
  EXPECT_NE(credential.error().message.find("cannot start baton-no-such-plugin"), std::string::npos);
  EXPECT_NE(credential.error().message.find("; get it there"), std::string::npos) << credential.error().message;
}

TEST_F(ExecPluginRun, StaticTokenGoesBeforeThePlugin) {
  const auto c = loadUser("token: t, " + exec("exit 1\n"));
  ASSERT_TRUE(c.ok()) << c.error().message;
  EXPECT_EQ(authorization(*c), "Bearer t");
}

class SubprocessTest : public testing::Test {
 protected:
  Result<Output> sh(const std::string& script, std::chrono::milliseconds timeout = 60s) {
    Command c;
    c.arguments = {"sh", "-c", script};
    c.timeout = timeout;
    c.mostOutput = 1000;
    c.mostErrors = 10;
    return run(c, stop);
  }
  std::atomic<bool> stop{false};
};

TEST_F(SubprocessTest, CollectsOutputAndExitCode) {
  const auto r = sh("echo out; echo a long complaint >&2; exit 5");
  ASSERT_TRUE(r.ok()) << r.error().message;
  EXPECT_EQ(r->out, "out\n");
  EXPECT_EQ(r->err, "a long com");
  EXPECT_EQ(r->exitCode, 5);
  EXPECT_EQ(sh("kill -9 $$")->exitCode, 128 + 9);
}

TEST_F(SubprocessTest, HasNoInputAndNoFilesOfOurs) {
  const auto r = sh("cat; ls /proc/self/fd");
  ASSERT_TRUE(r.ok()) << r.error().message;
  EXPECT_EQ(r->out, "0\n1\n2\n3\n") << "3 is ls' own";
}

TEST_F(SubprocessTest, TooMuchOutput) {
  const auto r = sh("yes");
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().kind, Error::Kind::Invalid);
}

TEST_F(SubprocessTest, TimeLimitAndStop) {
  EXPECT_EQ(sh("sleep 1000", 50ms).error().kind, Error::Kind::Timeout);
  EXPECT_EQ(sh("trap '' TERM; sleep 1000 & wait", 50ms).error().kind, Error::Kind::Timeout);
  stop = true;
  EXPECT_EQ(sh("sleep 1000").error().kind, Error::Kind::Cancelled);
}

TEST_F(SubprocessTest, DoesNotWaitForADescendantThatKeepsThePipe) {
  const auto r = sh("sleep 1000 & echo $!");
  ASSERT_TRUE(r.ok());
  const int pid = std::stoi(r->out);
  EXPECT_EQ(::kill(pid, SIGKILL), 0) << "it still ran, and we didn't wait";
}

TEST_F(SubprocessTest, CannotStart) {
  EXPECT_EQ(run({}, stop).error().kind, Error::Kind::Invalid);
  Command c;
  c.arguments = {"/"};
  EXPECT_EQ(run(c, stop).error().kind, Error::Kind::Invalid);
  c.arguments = {"/no/such/program"};
  EXPECT_EQ(run(c, stop).error().kind, Error::Kind::NotFound);
}

}  // namespace
}  // namespace baton::kube
