// Exec hooks over a real WebSocket to a scripted server.
#include <atomic>

#include "kube/authenticator.h"
#include "unit/http/exec_server.h"
#include "unit/mechanisms/fixture.h"

namespace baton::mechanisms {
namespace {

using namespace http::test;

const std::string kSuccess = R"({"metadata":{},"status":"Success"})";
std::string exitCode(int code) {
  return R"({"metadata":{},"status":"Failure","reason":"NonZeroExitCode","message":"command terminated",)"
         R"("details":{"causes":[{"reason":"ExitCode","message":")" +
         std::to_string(code) + R"("}]}})";
}

class ExecRun : public MechanismsTest {
 protected:
  void serve(const RawServer& server, int retries = 0) {
    access_.server = server.url();
    access_.pathPrefix = "/proxy";
    access_.authenticator = kube::staticToken("hidden");
    access_.userAgent = "baton/test";
    api::Hook h;
    h.action = api::ExecAction{"", {"/hooks/run", "$(BATON_ROLE)", "$(BATON_PRIMARY_IP):$$(X)", "$(BATON_EPOCH)"}};
    h.retries = retries;
    h.timeoutSeconds = 60;
    setHook(h);
    server_ = [](const ApiRequest&, size_t) { return ok(pod("u1")); };
  }
  static std::string pod(const std::string& uid) {
    return R"({"metadata":{"name":"orders-1","namespace":"shop","uid":")" + uid + R"("}})";
  }
  /// Prints and ends with that status, for each connection anew.
  static ExecScript prints(std::string out, std::string err, std::string status) {
    return [=](ExecPeer& peer) {
      peer.send(1, out);
      peer.send(2, err);
      peer.send(3, status);
      peer.waitForClose();
    };
  }
};

TEST_F(ExecRun, CommandAndRights) {
  Waiter<beast::http::request<beast::http::string_body>> request;
  RawServer server(plainExec([&](ExecPeer& peer) {
    request.set(peer.request);
    prints("all\nright\n", "", kSuccess)(peer);
  }));
  serve(server);
  spec_.serviceAccountName = "operator";
  const auto r = run(hookEffect());
  EXPECT_TRUE(r.done()) << r.message;
  EXPECT_EQ(r.message, "all right");
  EXPECT_EQ(r.attempts, 1);
  EXPECT_FALSE(r.report.has_value());
  const auto sent = request.get();
  EXPECT_EQ(sent.target(),
            "/proxy/api/v1/namespaces/shop/pods/orders-1/exec?command=%2Fhooks%2Frun&command=primary"
            "&command=127.0.0.1%3A%24%28X%29&command=5&container=db&stdout=true&stderr=true");
  EXPECT_EQ(sent["Authorization"], "Bearer hidden");
  EXPECT_EQ(sent["Impersonate-User"], "system:serviceaccount:shop:operator");
  EXPECT_THAT(observed(), testing::ElementsAre("promote success"));
}

TEST_F(ExecRun, APodThatWasMadeAnewIsToldNothing) {
  std::atomic<int> connected = 0;
  RawServer server(plainExec([&](ExecPeer& peer) {
    ++connected;
    prints("", "", kSuccess)(peer);
  }));
  serve(server);
  server_ = [](const ApiRequest&, size_t) { return ok(pod("u2")); };
  const auto r = run(hookEffect());
  EXPECT_TRUE(r.podGone);
  EXPECT_EQ(r.message, "pod orders-1 is gone; there is another one of its name");
  server_ = [](const ApiRequest&, size_t) { return Answer(notFound("pods \"orders-1\" not found")); };
  EXPECT_TRUE(run(hookEffect()).podGone);
  EXPECT_EQ(connected, 0);
  ha::Effect probe = hookEffect();
  probe.id.hook = api::HookKind::Probe;
  run(probe);  // asks the pod as it is
  EXPECT_EQ(connected, 1);
}

TEST_F(ExecRun, ExitCodeAndOutput) {
  RawServer server(plainExec(prints("half", "no space", exitCode(3))));
  serve(server);
  const auto r = run(hookEffect());
  EXPECT_TRUE(r.failed());
  EXPECT_EQ(r.message, "exit code 3: half / no space");
  EXPECT_THAT(observed(), testing::ElementsAre("promote failure"));
}

TEST_F(ExecRun, TriedAgainUntilItSucceeds) {
  std::atomic<int> calls{0};
  RawServer server(plainExec([&](ExecPeer& peer) { prints("", "", calls++ == 0 ? exitCode(1) : kSuccess)(peer); }));
  serve(server, 3);
  const auto r = run(hookEffect());
  EXPECT_TRUE(r.done()) << r.message;
  EXPECT_EQ(r.attempts, 2);
  EXPECT_EQ(gate_->asked, 2);
  EXPECT_THAT(observed(), testing::ElementsAre("promote failure", "promote success"));
}

TEST_F(ExecRun, TheEffectSaysHowOften) {
  RawServer server(plainExec(prints("", "", exitCode(1))));
  serve(server, 3);
  ha::Effect e = hookEffect();
  e.tries = 1;
  EXPECT_EQ(run(e).attempts, 1);
}

TEST_F(ExecRun, NotLeaderBeforeTheSecondTry) {
  RawServer server(plainExec(prints("", "", exitCode(1))));
  serve(server, 3);
  gate_->says = [](int asked) { return asked == 0; };
  const auto r = run(hookEffect());
  EXPECT_EQ(r.message, "not leader any more");
  EXPECT_EQ(r.attempts, 1);
}

TEST_F(ExecRun, Probe) {
  RawServer server(plainExec(prints("standby 1234\n", "", kSuccess)));
  serve(server);
  const auto r = run(hookEffect(api::HookKind::Probe));
  ASSERT_TRUE(r.report.has_value()) << r.message;
  EXPECT_FALSE(r.report->primary);
  EXPECT_EQ(r.report->position, 1234);
}

TEST_F(ExecRun, ProbeThatTalks) {
  RawServer server(plainExec(prints("I am primary", "", kSuccess)));
  serve(server);
  const auto r = run(hookEffect(api::HookKind::Probe));
  EXPECT_TRUE(r.failed());
  EXPECT_THAT(r.message, testing::StartsWith("probe answered 'I am primary', expected "));
}

TEST_F(ExecRun, TimeLimitOfTheEffect) {
  RawServer server(plainExec([](ExecPeer& peer) {
    peer.send(1, "so far");
    peer.waitForClose();
  }));
  serve(server);
  ha::Effect e = hookEffect();
  e.timeoutSeconds = 1;
  const auto r = run(e);
  EXPECT_EQ(r.message, "no end within 1 s: so far");
  EXPECT_THAT(observed(), testing::ElementsAre("promote timeout"));
}

TEST_F(ExecRun, Abort) {
  Waiter<bool> running;
  RawServer server(plainExec([&](ExecPeer& peer) {
    running.set(true);
    peer.waitForClose();
  }));
  serve(server, 3);
  auto [handle, ended] = start(hookEffect(), target());
  running.get();
  handle->cancel();
  const auto r = ended->get();
  EXPECT_EQ(r.message, "aborted");
  EXPECT_EQ(r.attempts, 1);
  EXPECT_THAT(observed(), testing::ElementsAre("promote aborted"));
}

TEST_F(ExecRun, RefusedByTheServer) {
  const std::string gone =
      R"({"kind":"Status","status":"Failure","reason":"NotFound","details":{"kind":"pods","name":"orders-1"}})";
  RawServer server([&](RawServer::tcp::socket& socket) {
    if (readHead(socket))
      say(socket, "HTTP/1.1 404 Not Found\r\nContent-Length: " + std::to_string(gone.size()) + "\r\n\r\n" + gone);
  });
  serve(server, 3);
  const auto r = run(hookEffect());
  EXPECT_TRUE(r.podGone) << r.message;
  EXPECT_EQ(r.attempts, 1);
}

TEST_F(ExecRun, LostConnectionIsAFailure) {
  RawServer server(plainExec([](ExecPeer& peer) { peer.send(1, "begun"); }));
  serve(server);
  EXPECT_EQ(run(hookEffect()).message, "the connection was lost before the command ended: begun");
}

TEST_F(ExecRun, NoPodOrNoHook) {
  EXPECT_EQ(run(hookEffect()).message, "the group has no hook promote");
  api::Hook h;
  h.action = api::ExecAction{"", {"x"}};
  setHook(h);
  Target t = target();
  t.pod = nullptr;
  EXPECT_TRUE(run(hookEffect(), t).podGone);
}

}  // namespace
}  // namespace baton::mechanisms
