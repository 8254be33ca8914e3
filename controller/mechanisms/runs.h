// One function for each way in which an effect reaches a pod.
#pragma once

#include <memory>

#include "mechanisms/run.h"

namespace baton::mechanisms {

struct RunArguments {
  std::shared_ptr<Context> context;
  ha::Effect effect;
  Target target;
  Done done;
};

std::shared_ptr<Run> labelRun(RunArguments a);
std::shared_ptr<Run> execRun(RunArguments a, const api::Hook& hook);  // hook.action is an ExecAction
std::shared_ptr<Run> httpRun(RunArguments a, const api::Hook& hook);  // hook.action is an HttpAction
std::shared_ptr<Run> routingRun(RunArguments a);
std::shared_ptr<Run> deleteRun(RunArguments a);
/// Fails with that message at once.
std::shared_ptr<Run> failedRun(RunArguments a, std::string message);

}  // namespace baton::mechanisms
