#include "mechanisms/run.h"

#include <exception>
#include <utility>
#include <vector>

namespace baton::mechanisms {

void Context::add(const std::shared_ptr<Run>& run) {
  MutexLock l(mutex_);
  runs_.emplace(run.get(), run);
}

void Context::remove(Run* run) {
  MutexLock l(mutex_);
  runs_.erase(run);
  if (runs_.empty()) changed_.notifyAll();
}

void Context::abortAll() {
  std::vector<std::shared_ptr<Run>> all;
  {
    MutexLock l(mutex_);
    for (const auto& [pointer, weak] : runs_)
      if (auto run = weak.lock()) all.push_back(std::move(run));
  }
  for (const auto& run : all) run->cancel();
  MutexLock l(mutex_);
  while (!runs_.empty()) changed_.wait(mutex_);
}

Run::Run(std::shared_ptr<Context> context, ha::Effect effect, Target target, Done done)
    : effect_(std::move(effect)),
      target_(std::move(target)),
      context_(std::move(context)),
      start_(context_->options.clock.now()),
      done_(std::move(done)) {}

void Run::start() {
  context_->add(shared_from_this());
  step([this] { begin(); });
}

void Run::cancel() {
  ha::EffectResult r;
  r.state = ha::EffectResult::State::Failed;
  r.message = "aborted";
  finish(std::move(r), true);
}

void Run::step(const std::function<void()>& f) {
  {
    MutexLock l(mutex_);
    if (result_) return;
    ++steps_;
  }
  try {
    f();
  } catch (const std::exception& e) {
    fail(std::string("internal error: ") + e.what());
  }
  bool last = false;
  {
    MutexLock l(mutex_);
    last = --steps_ == 0 && result_.has_value();
  }
  if (last) deliver();
}

bool Run::mayStart(Milliseconds lasting) {
  if (!target_.mayStart || target_.mayStart(lasting)) return true;
  fail("not leader any more");
  return false;
}

void Run::learned(api::Pod pod) {
  if (target_.learned) target_.learned(std::make_shared<const api::Pod>(std::move(pod)));
}

void Run::succeed(std::string message, std::optional<ha::Report> report) {
  ha::EffectResult r;
  r.state = ha::EffectResult::State::Done;
  r.message = std::move(message);
  r.report = report;
  finish(std::move(r));
}

void Run::fail(std::string message, ha::Contact contact) {
  ha::EffectResult r;
  r.state = ha::EffectResult::State::Failed;
  r.contact = contact;
  r.message = std::move(message);
  finish(std::move(r));
}

void Run::failGone(std::string message) {
  ha::EffectResult r;
  r.state = ha::EffectResult::State::Failed;
  r.message = std::move(message);
  r.podGone = true;
  finish(std::move(r));
}

void Run::later(Milliseconds pause, std::function<void()> f) {
  // The lock is held while the timer is planned, so that cancel() finds it; the timers call nothing meanwhile.
  MutexLock l(mutex_);
  if (result_) return;
  timer_ = options().timers.after(pause, [self = shared_from_this(), f = std::move(f)] { self->step(f); });
}

void Run::request(kube::ApiRequest r, std::function<void(Result<http::Response>)> then) {
  // It may have to wait for its turn, and meanwhile this run or the lease may have ended.
  if (r.method != http::Method::Get)
    r.stillWanted = [self = shared_from_this(), lasting = std::min(r.timeout, kMostAsked)] {
      return !self->over() && (!self->target_.mayStart || self->target_.mayStart(lasting));
    };
  options().client.send(std::move(r),
                        [self = shared_from_this(), then = std::move(then)](Result<http::Response> answer) {
                          self->step([&] { then(std::move(answer)); });
                        });
}

bool Run::over() const {
  MutexLock l(mutex_);
  return result_.has_value();
}

void Run::call(const std::function<http::CallHandle()>& begin) {
  uint64_t mine = 0;
  {
    MutexLock l(mutex_);
    mine = ++calls_;
  }
  http::CallHandle handle = begin();
  {
    MutexLock l(mutex_);
    if (!result_) {
      if (mine == calls_) call_ = std::move(handle);  // else its answer has come already, and the next has begun
      return;
    }
  }
  if (handle) handle->cancel();
}

std::optional<kube::Impersonation> Run::account() const {
  const std::string& name = group().spec->serviceAccountName;
  if (name.empty()) return std::nullopt;
  return kube::serviceAccount(group().meta.ns, name);
}

void Run::finish(ha::EffectResult result, bool abort) {
  Timers::Id timer = 0;
  http::CallHandle call;
  bool now = false;
  {
    MutexLock l(mutex_);
    if (result_) return;
    result.start = start_;
    result.end = options().clock.now();
    result.attempts = attempts_;
    result_ = std::move(result);
    timer = std::exchange(timer_, 0);
    call = std::move(call_);
    now = steps_ == 0;
    if (abort) ++steps_;  // so that nobody else delivers before this is through
  }
  if (timer != 0) options().timers.cancel(timer);
  if (abort) {
    onAbort();
    if (call) call->cancel();
    MutexLock l(mutex_);
    now = --steps_ == 0;
  }
  if (now) deliver();
}

void Run::deliver() {
  Done done;
  ha::EffectResult result;
  {
    MutexLock l(mutex_);
    done = std::move(done_);
    result = *result_;
  }
  target_ = {};
  options().timers.after(Milliseconds(0), [done = std::move(done), result = std::move(result)] { done(result); });
  context_->remove(this);
}

bool transient(const Error& e) {
  return e.kind == Error::Kind::Timeout || e.kind == Error::Kind::Unavailable ||
         e.kind == Error::Kind::TooManyRequests || e.kind == Error::Kind::Internal;
}

}  // namespace baton::mechanisms
