// One effect under way: what all of them share about beginning, waiting, ending and being aborted.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "mechanisms/make_mechanisms.h"
#include "mechanisms/secret_cache.h"

namespace baton::mechanisms {

class Run;

/// What the mechanisms and their effects share.
class Context {
 public:
  explicit Context(MechanismsOptions o) : options(std::move(o)) {}
  const MechanismsOptions options;
  SecretCache secrets;

  void add(const std::shared_ptr<Run>& run);
  void remove(Run* run);
  /// Aborts all effects and waits until none of them is doing anything: microseconds, as no step blocks.
  void abortAll();

 private:
  Mutex mutex_;
  CondVar changed_;
  std::unordered_map<Run*, std::weak_ptr<Run>> runs_ GUARDED_BY(mutex_);
};

/// An effect is a chain of steps; each step starts one request, call or pause and returns, and the answer is the next
/// step. Kept alive by whatever it waits for. Safe from every thread: only cancel() competes with the chain, and
/// after it no further step begins. `done` waits for a step that is running, so it is truly the last.
class Run : public http::Call, public std::enable_shared_from_this<Run> {
 public:
  Run(std::shared_ptr<Context> context, ha::Effect effect, Target target, Done done);
  void start();
  void cancel() final;

 protected:
  using Milliseconds = std::chrono::milliseconds;

  /// The first step.
  virtual void begin() = 0;
  /// The effect is being aborted: runs once, on any thread, perhaps while a step is running.
  virtual void onAbort() {}

  /// Runs f unless the effect has ended. Everything that comes back from outside goes through it.
  void step(const std::function<void()>& f);
  /// Leadership is sure for some seconds at a time only; who loses it aborts what is under way. What lasts longer need
  /// not fit into what is sure now, else it could never begin.
  static constexpr Milliseconds kMostAsked{5000};
  /// False: the effect has just been failed.
  bool mayStart(Milliseconds lasting);
  /// It has a result.
  bool over() const;
  void learned(api::Pod pod);
  void succeed(std::string message, std::optional<ha::Report> report = std::nullopt);
  void fail(std::string message, ha::Contact contact = ha::Contact::None);
  void failGone(std::string message);

  /// Next step after a pause. One at a time.
  void later(Milliseconds pause, std::function<void()> f);
  /// A request to the API server; `then` is the next step.
  void request(kube::ApiRequest request, std::function<void(Result<http::Response>)> then);
  /// Something that abort ends too. `begin` starts it; its answer must come through step().
  void call(const std::function<http::CallHandle()>& begin);

  const MechanismsOptions& options() const { return context_->options; }
  SecretCache& secrets() const { return context_->secrets; }
  const api::HaGroup& group() const { return *target_.group; }
  /// The rights that the group's own account has, for what is done in its name; nothing: Baton's own.
  std::optional<kube::Impersonation> account() const;

  const ha::Effect effect_;
  Target target_;  // for steps only; given back at the end, as answers that come too late keep the Run alive
  std::atomic<int> attempts_{0};

 private:
  void finish(ha::EffectResult result, bool abort = false);
  void deliver();

  const std::shared_ptr<Context> context_;
  const Time start_;
  mutable Mutex mutex_;
  Done done_ GUARDED_BY(mutex_);
  std::optional<ha::EffectResult> result_ GUARDED_BY(mutex_);  // set: ended
  int steps_ GUARDED_BY(mutex_) = 0;                           // running now
  uint64_t calls_ GUARDED_BY(mutex_) = 0;                      // begun so far
  http::CallHandle call_ GUARDED_BY(mutex_);                   // the newest
  Timers::Id timer_ GUARDED_BY(mutex_) = 0;
};

/// May the same request succeed when it is sent again?
bool transient(const Error& e);

}  // namespace baton::mechanisms
