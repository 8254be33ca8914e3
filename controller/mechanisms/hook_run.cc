#include "mechanisms/hook_run.h"

#include <algorithm>
#include <utility>

#include "mechanisms/pauses.h"

namespace baton::mechanisms {
namespace {

std::chrono::seconds limitOf(const ha::Effect& effect, const api::Hook& hook) {
  return std::chrono::seconds(std::max(1, effect.timeoutSeconds > 0 ? effect.timeoutSeconds : hook.timeoutSeconds));
}

int triesOf(const ha::Effect& effect, const api::Hook& hook) {
  return std::max(1, effect.tries > 0 ? effect.tries : hook.retries + 1);
}

}  // namespace

HookRun::HookRun(std::shared_ptr<Context> context, ha::Effect effect, Target target, Done done, const api::Hook& hook)
    : Run(std::move(context), std::move(effect), std::move(target), std::move(done)),
      hook_(hook),
      told_(hookContext(effect_, target_)),
      limit_(limitOf(effect_, hook)),
      tries_(triesOf(effect_, hook)) {}

void HookRun::begin() {
  if (!target_.pod) return failGone("pod " + effect_.id.pod + " is gone");
  next();
}

void HookRun::next() {
  if (!mayStart(std::min(limit_, kMostAsked))) return;
  ++attempts_;
  {
    MutexLock l(mutex_);
    began_ = options().clock.steady();
  }
  attempt();
}

void HookRun::tried(Outcome outcome) {
  using Kind = Outcome::Kind;
  observe(outcome.kind == Kind::Success ? "success" : outcome.kind == Kind::TimedOut ? "timeout" : "failure");
  if (outcome.kind == Kind::Success) return succeed(std::move(outcome.message), outcome.report);
  if (outcome.kind == Kind::PodGone) return failGone(std::move(outcome.message));
  if (outcome.kind == Kind::Final || attempts_ >= tries_) return fail(std::move(outcome.message), outcome.contact);
  later(hookPause(attempts_), [this] { next(); });
}

void HookRun::onAbort() { observe("aborted"); }

void HookRun::observe(const char* result) {
  std::optional<Steady> began;
  {
    MutexLock l(mutex_);
    began = std::exchange(began_, std::nullopt);
  }
  if (!began || !options().observe) return;
  const std::chrono::duration<double> took = options().clock.steady() - *began;
  options().observe(api::name(effect_.id.hook), result, took.count());
}

}  // namespace baton::mechanisms
