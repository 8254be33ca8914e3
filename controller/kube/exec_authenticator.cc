#include "kube/exec_authenticator.h"

#include <vector>

#include "base/mutex.h"
#include "kube/subprocess.h"

namespace baton::kube {
namespace {

constexpr std::chrono::seconds kFailurePause{5};
constexpr std::chrono::seconds kLeastAge{5};  // of an answer that is thrown away because of a 401
constexpr std::chrono::milliseconds kPluginTimeout{60000};

using Waiter = std::function<void(Result<Credential>)>;

std::string withoutControls(std::string s) {
  for (char& c : s)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  while (!s.empty() && s.back() == ' ') s.pop_back();
  return s;
}

}  // namespace

Result<std::string> runPlugin(const ExecPlugin& plugin, const std::atomic<bool>& stop) {
  Command command;
  command.arguments.push_back(plugin.command);
  command.arguments.insert(command.arguments.end(), plugin.arguments.begin(), plugin.arguments.end());
  command.environment = plugin.environment;
  command.environment.emplace_back("KUBERNETES_EXEC_INFO", execInfo(plugin));
  command.timeout = kPluginTimeout;
  auto output = run(command, stop);
  const std::string who = plugin.where + ": credential plugin " + plugin.command;
  if (!output) {
    Error e = std::move(output).error().within(who);
    if (e.kind == Error::Kind::NotFound && !plugin.installHint.empty()) e.message += "; " + plugin.installHint;
    return e;
  }
  if (output->exitCode == 0) return std::move(output->out);
  // What it printed may hold a token; what it complained about is for people.
  const std::string complaint = withoutControls(output->err);
  return invalid(who + " ended with exit code " + std::to_string(output->exitCode) +
                 (complaint.empty() ? "" : ": " + complaint));
}

struct ExecAuthenticator::State {
  State(ExecPlugin p, PluginRunner r, const Clock& c) : plugin(std::move(p)), runner(std::move(r)), clock(c) {}

  const ExecPlugin plugin;
  const PluginRunner runner;
  const Clock& clock;
  std::atomic<bool> stop{false};

  mutable Mutex mutex;
  CondVar changed;
  std::optional<ExecAnswer> answer GUARDED_BY(mutex);
  std::optional<ExecAnswer> lastAnswer GUARDED_BY(mutex);  // for connections opened while the plugin runs again
  Steady answered GUARDED_BY(mutex);
  uint64_t serial GUARDED_BY(mutex) = 0;
  std::optional<Error> failure GUARDED_BY(mutex);
  Steady failed GUARDED_BY(mutex);
  std::vector<Waiter> waiting GUARDED_BY(mutex);

  /// The credential or the failure at hand; nothing: the plugin has to run.
  std::optional<Result<Credential>> present() REQUIRES(mutex) {
    if (answer && (!answer->expires || clock.now() < *answer->expires)) return credential();
    if (failure && clock.steady() - failed < kFailurePause) return Result<Credential>(*failure);
    return std::nullopt;
  }
  Result<Credential> credential() const REQUIRES(mutex) {
    return Credential{answer->token.empty() ? std::string() : "Bearer " + answer->token, serial};
  }
  /// Takes the outcome of a run.
  Result<Credential> store(Result<ExecAnswer> outcome) REQUIRES(mutex) {
    if (!outcome) {
      failure = std::move(outcome).error();
      failed = clock.steady();
      return *failure;
    }
    failure.reset();
    answer = lastAnswer = std::move(*outcome);
    answered = clock.steady();
    ++serial;
    return credential();
  }
};

ExecAuthenticator::ExecAuthenticator(ExecPlugin plugin, PluginRunner runner, const Clock& clock)
    : state_(std::make_shared<State>(std::move(plugin), std::move(runner), clock)),
      thread_([s = state_] { work(s); }) {}

ExecAuthenticator::~ExecAuthenticator() {
  {
    MutexLock l(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notifyAll();
  // The last owner may be a function that the thread itself is calling.
  if (thread_.get_id() == std::this_thread::get_id())
    thread_.detach();
  else
    thread_.join();
}

void ExecAuthenticator::work(const std::shared_ptr<State>& state) {
  for (;;) {
    bool stopping = false;
    {
      MutexLock l(state->mutex);
      while (!state->stop && state->waiting.empty()) state->changed.wait(state->mutex);
      stopping = state->stop;
      if (stopping && state->waiting.empty()) return;
    }
    Result<ExecAnswer> outcome = cancelled("ended, as we are stopping");
    if (!stopping) {
      auto printed = state->runner(state->plugin, state->stop);
      outcome = printed ? readExecAnswer(state->plugin, *printed) : Result<ExecAnswer>(std::move(printed).error());
    }
    std::vector<Waiter> waiting;
    std::optional<Result<Credential>> result;
    {
      MutexLock l(state->mutex);
      result = state->store(std::move(outcome));
      waiting.swap(state->waiting);
    }
    for (const Waiter& done : waiting) done(*result);
  }
}

void ExecAuthenticator::credential(std::function<void(Result<Credential>)> done) {
  std::optional<Result<Credential>> present;
  {
    MutexLock l(state_->mutex);
    present = state_->present();
    if (!present) state_->waiting.push_back(std::move(done));
  }
  if (present) return done(std::move(*present));
  state_->changed.notifyAll();
}

bool ExecAuthenticator::refused(uint64_t serial) {
  MutexLock l(state_->mutex);
  if (serial != state_->serial || !state_->answer) return true;  // another run is over or due already
  if (state_->clock.steady() - state_->answered < kLeastAge) return false;
  state_->answer.reset();
  return true;
}

std::optional<std::pair<std::string, std::string>> ExecAuthenticator::clientCertificate() const {
  MutexLock l(state_->mutex);
  if (!state_->lastAnswer || state_->lastAnswer->clientCert.empty()) return std::nullopt;
  return std::make_pair(state_->lastAnswer->clientCert, state_->lastAnswer->clientKey);
}

}  // namespace baton::kube
