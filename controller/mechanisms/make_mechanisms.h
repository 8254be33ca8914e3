// The mechanisms as the program uses them; apart from mechanisms.h so that its readers need nothing of this.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/time.h"
#include "base/timers.h"
#include "http/host_transports.h"
#include "http/websocket.h"
#include "kube/client.h"
#include "kube/exec_access.h"
#include "mechanisms/mechanisms.h"

namespace baton::mechanisms {

/// All that is referred to must outlive the mechanisms; `timers` also the last `done`, which runs on it.
struct MechanismsOptions {
  kube::Client& client;
  kube::ExecAccess execAccess;
  http::ExecClient& exec;
  http::HostTransports& transports;
  Timers& timers;
  const Clock& clock;
  /// After each try of a hook: the hook's name ("promote"), how it ended ("success", "failure", "timeout", "aborted")
  /// and how long it took. From any thread; must not block. May be null.
  std::function<void(std::string_view hook, std::string_view result, double seconds)> observe;
};

/// `done` and Target's functions must not block. `done` runs on the timers' thread, never within run() or cancel();
/// once it runs, nothing of the effect is called or used any more. Destroying the mechanisms aborts what is under way
/// (each `done` then follows on the timers' thread); not to be done within one of the callbacks.
std::shared_ptr<Mechanisms> makeMechanisms(MechanismsOptions options);

}  // namespace baton::mechanisms
