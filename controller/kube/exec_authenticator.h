// Credentials by a plugin: run when first needed, when they have expired, and after a 401.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/time.h"
#include "kube/authenticator.h"
#include "kube/exec_credential.h"

namespace baton::kube {

/// Runs the plugin and returns what it printed. Blocks; ends early when `stop` becomes true.
using PluginRunner = std::function<Result<std::string>(const ExecPlugin& plugin, const std::atomic<bool>& stop)>;

/// As a process of its own, for at most 60 s.
Result<std::string> runPlugin(const ExecPlugin& plugin, const std::atomic<bool>& stop);

/// One thread of its own runs the plugin; whoever needs its answer meanwhile waits for that one run. A failure is
/// remembered for a few seconds, and a plugin whose fresh answer is refused at once isn't run again right away: neither
/// may become a storm of processes.
class ExecAuthenticator : public Authenticator {
 public:
  explicit ExecAuthenticator(ExecPlugin plugin, PluginRunner runner = runPlugin, const Clock& clock = Clock::real());
  /// Ends a plugin that is running. Those still waiting get Cancelled.
  ~ExecAuthenticator() override;
  ExecAuthenticator(const ExecAuthenticator&) = delete;
  ExecAuthenticator& operator=(const ExecAuthenticator&) = delete;

  void credential(std::function<void(Result<Credential>)> done) override;
  bool refused(uint64_t serial) override;

  /// PEM chain and key of the last answer; nothing when it had none.
  std::optional<std::pair<std::string, std::string>> clientCertificate() const;

 private:
  struct State;
  static void work(const std::shared_ptr<State>& state);
  const std::shared_ptr<State> state_;  // the thread's as well
  std::thread thread_;
};

}  // namespace baton::kube
