// Events of ends that a crash kept from being written. A request's last status and its Event are two writes; whoever
// begins to lead looks which of the recent ends have none, by one list of the Events' names.
#pragma once

#include <functional>
#include <vector>

#include "api/switchover.h"
#include "base/time.h"
#include "kube/client.h"
#include "kube/event_recorder.h"

namespace baton::reconcile {

/// So far back is looked; Events live for an hour by default.
inline constexpr std::chrono::minutes kReplayWindow{30};

/// `finished`: requests that have ended. Returns at once; what is missing is recorded when the list has come. A list
/// that fails is logged: Events are never worth more than that.
void replayEndings(kube::Client& client, kube::EventRecorder& events, const std::string& ns,
                   std::vector<api::SwitchoverRequest> finished, Time now);

}  // namespace baton::reconcile
