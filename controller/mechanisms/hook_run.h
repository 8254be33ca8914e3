// A hook is tried until it succeeds, its tries are used up, or trying again cannot help.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "mechanisms/hook_context.h"
#include "mechanisms/run.h"

namespace baton::mechanisms {

/// How one try ended.
struct Outcome {
  enum class Kind {
    Success,
    Failure,
    TimedOut,
    Final,    // a failure that trying again cannot mend
    PodGone,  // the same
  };
  Kind kind = Kind::Failure;
  std::string message;
  std::optional<ha::Report> report;
  ha::Contact contact = ha::Contact::None;
};

class HookRun : public Run {
 public:
  HookRun(std::shared_ptr<Context> context, ha::Effect effect, Target target, Done done, const api::Hook& hook);

 protected:
  /// One try; tried() must follow, in the same step or a later one.
  virtual void attempt() = 0;
  void tried(Outcome outcome);

  bool probing() const { return effect_.id.hook == api::HookKind::Probe; }
  const HookContext& told() const { return told_; }
  const api::Hook& hook() const { return hook_; }
  Milliseconds limit() const { return limit_; }  // of one try

 private:
  void begin() final;
  void onAbort() final;
  void next();
  void observe(const char* result);

  const api::Hook hook_;
  const HookContext told_;
  const Milliseconds limit_;
  const int tries_;
  Mutex mutex_;
  std::optional<Steady> began_ GUARDED_BY(mutex_);  // the try that is under way
};

}  // namespace baton::mechanisms
