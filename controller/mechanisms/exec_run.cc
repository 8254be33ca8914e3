// Hooks that are commands in a container, by pods/exec over a WebSocket.
#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "kube/request.h"
#include "kube/status_error.h"
#include "mechanisms/exec_status.h"
#include "mechanisms/hook_run.h"
#include "mechanisms/probe_answer.h"
#include "mechanisms/runs.h"
#include "mechanisms/text.h"

namespace baton::mechanisms {
namespace {

using Kind = Outcome::Kind;

class ExecRun final : public HookRun {
 public:
  using HookRun::HookRun;

 private:
  using Output = http::ExecOutput;

  void attempt() override {
    refreshed_ = false;
    until_ = options().clock.steady() + limit();
    if (probing()) return connect();
    // Exec goes to a name. A pod that was made anew under it has been granted nothing.
    auto read = kube::get(kube::resources::pods, told().ns, told().pod);
    read.accept = kube::kMetadataOnly;
    read.lane = kube::Lane::RoleChange;
    read.timeout = limit();
    read.retries = 0;
    request(std::move(read), [this](Result<http::Response> answer) { found(std::move(answer)); });
  }

  void found(Result<http::Response> answer) {
    if (!answer && answer.error().kind == Error::Kind::NotFound)
      return tried({Kind::PodGone, "pod " + told().pod + " is gone", {}});
    if (!answer)
      return tried({transient(answer.error()) ? Kind::Failure : Kind::Final,
                    "pod " + told().pod + " can't be read: " + readable(answer.error().message),
                    {},
                    ha::Contact::Way});
    Result<api::Pod> now = api::decodePod(answer->body);
    if (!now) return tried({Kind::Failure, now.error().message, {}, ha::Contact::Way});
    if (now->meta.uid != target_.pod->meta.uid)
      return tried({Kind::PodGone, "pod " + told().pod + " is gone; there is another one of its name", {}});
    connect();
  }

  void connect() {
    kube::execHeaders(options().execAccess, account(),
                      [self = shared_from_this(), this](Result<kube::ExecHeaders> headers) {
                        step([&] { run(std::move(headers)); });
                      });
  }

  void run(Result<kube::ExecHeaders> headers) {
    if (!headers) return tried({Kind::Failure, readable(headers.error().message), {}, ha::Contact::Way});
    const auto& action = std::get<api::ExecAction>(hook().action);
    const kube::ExecAccess& access = options().execAccess;
    kube::ExecOptions wanted;
    wanted.container = action.container.empty() ? target_.pod->commandContainer() : action.container;
    wanted.command = expandCommand(action.command, told());
    http::ExecCall exec;
    exec.url = access.server;
    exec.target = access.pathPrefix + kube::execTarget(told().ns, told().pod, wanted);
    exec.headers = std::move(headers->headers);
    if (access.tls) exec.tls = access.tls();
    exec.deadline = std::max(Milliseconds(1), std::chrono::ceil<Milliseconds>(until_ - options().clock.steady()));
    call([&] {
      return options().exec.run(std::move(exec),
                                [self = shared_from_this(), this, serial = headers->serial](Result<Output> output) {
                                  step([&] { output ? ended(*output) : refused(output.error(), serial); });
                                });
    });
  }

  /// The upgrade was not completed, so the command has not been started.
  void refused(const Error& error, uint64_t serial) {
    if (error.httpStatus == 401 && options().execAccess.authenticator->refused(serial) && !refreshed_) {
      refreshed_ = true;  // once for each try, and without a pause: the next credential may be a good one
      return connect();
    }
    if (saysPodNotFound(error.message, told().pod)) return tried({Kind::PodGone, "pod " + told().pod + " is gone", {}});
    if (error.kind == Error::Kind::Timeout) return tried({Kind::TimedOut, timeoutMessage(), {}});
    const Error e = error.httpStatus == 0 ? error : kube::statusError(error.httpStatus, {}, error.message);
    const bool final = e.kind == Error::Kind::Invalid || e.kind == Error::Kind::Forbidden;
    // The API server or the kubelet refuses, or has no kubelet or runtime to ask: that says nothing of the pod.
    const ha::Contact contact = saysNotRunning(e.message)        ? ha::Contact::Refused
                                : saysNodeUnreachable(e.message) ? ha::Contact::None
                                                                 : ha::Contact::Way;
    tried({final ? Kind::Final : Kind::Failure, readable(e.message), {}, contact});
  }

  void ended(const Output& output) {
    switch (output.end) {
      case Output::End::Status:
        return exited(output);
      case Output::End::TimedOut:
        return tried({Kind::TimedOut, withOutput(timeoutMessage(), output), {}});
      case Output::End::Closed:
      case Output::End::Lost:
      case Output::End::Cancelled:
        return tried({Kind::Failure,
                      withOutput("the connection was lost before the command ended", output),
                      {},
                      ha::Contact::Way});
    }
  }

  void exited(const Output& output) {
    const ExecStatus status = parseExecStatus(output.status);
    std::string message = execMessage(status, output);
    const ha::Contact contact = saysNotRunning(status.message) ? ha::Contact::Refused : ha::Contact::Heard;
    if (!status.success) return tried({Kind::Failure, message, {}, contact});
    if (!probing()) return tried({Kind::Success, message, {}});
    Result<ha::Report> report = parseExecAnswer(output.out);
    if (!report || output.outCut)
      return tried(
          {Kind::Failure, report ? "probe answered too much" : report.error().message, {}, ha::Contact::Heard});
    tried({Kind::Success, std::move(message), std::move(report).value()});
  }

  std::string timeoutMessage() const { return "no end within " + std::to_string(limit().count() / 1000) + " s"; }
  static std::string withOutput(std::string why, const Output& output) {
    return execMessage({false, std::nullopt, std::move(why)}, output);
  }

  bool refreshed_ = false;
  Steady until_{};  // of the try that is under way
};

}  // namespace

std::shared_ptr<Run> execRun(RunArguments a, const api::Hook& hook) {
  return std::make_shared<ExecRun>(std::move(a.context), std::move(a.effect), std::move(a.target), std::move(a.done),
                                   hook);
}

}  // namespace baton::mechanisms
