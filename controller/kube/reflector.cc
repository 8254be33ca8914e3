#include "kube/reflector.h"

#include <random>
#include <unordered_set>

#include "base/log.h"
#include "base/mutex.h"
#include "kube/line_splitter.h"

namespace baton::kube {
namespace {

constexpr size_t kWarned = 1000;  // messages about undecodable objects that are remembered

Error unreadable(const Error& e) { return internal("the list could not be decoded: " + e.message); }

}  // namespace

// At any time there is one thing under way, a request or a wait, and its end begins the next: a chain. What only the
// chain uses needs no lock; enter() and leave() carry it from thread to thread.
class ReflectorCore::Inner : public std::enable_shared_from_this<Inner> {
 public:
  Inner(Client& client, Timers& timers, const Clock& clock, ReflectorOptions options,
        std::unique_ptr<ReflectorPort> port)
      : client_(client),
        timers_(timers),
        clock_(clock),
        options_(std::move(options)),
        port_(std::move(port)),
        machine_(options_.watch),
        lines_(options_.maxLine),
        random_(options_.seed),
        lastActivity_(clock_.steady()) {}

  void start();
  void stop();
  bool synced() const;
  std::optional<Error> lastError() const;
  double secondsSinceLastActivity() const;

 private:
  bool enter(bool activity) EXCLUDES(mutex_);
  void leave() EXCLUDES(mutex_);
  void finish(Step step) EXCLUDES(mutex_);
  void prepare(const Step& step);
  void launch(Step step, uint64_t operation) EXCLUDES(mutex_);
  void beginListing(uint64_t operation);
  void watchListing(uint64_t operation);
  http::CallHandle openStream(ApiRequest request);
  void sendList(ApiRequest request);

  void onHead();
  bool onData(std::string_view piece);
  void onEnd(Status how);
  void onList(Result<http::Response> answer);
  void onWaited();

  bool handleLine(std::string_view line, bool& closing);
  Result<PageHead> decodePage(Result<http::Response> answer);
  void warnOnce(const Error& skipped);
  void logRestart(const Step& step);
  double random() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  Client& client_;
  Timers& timers_;
  const Clock& clock_;
  const ReflectorOptions options_;

  // The chain's own.
  const std::unique_ptr<ReflectorPort> port_;
  WatchMachine machine_;
  LineSplitter lines_;
  std::mt19937_64 random_;
  std::unordered_set<std::string> warned_;
  std::string loggedError_;

  mutable Mutex mutex_;
  CondVar idle_;
  bool started_ GUARDED_BY(mutex_) = false;
  bool stopped_ GUARDED_BY(mutex_) = false;
  int busy_ GUARDED_BY(mutex_) = 0;            // callbacks that run, and launches
  uint64_t operation_ GUARDED_BY(mutex_) = 0;  // number of what is under way
  http::CallHandle stream_ GUARDED_BY(mutex_);
  Timers::Id timer_ GUARDED_BY(mutex_) = 0;
  bool synced_ GUARDED_BY(mutex_) = false;
  std::optional<Error> lastError_ GUARDED_BY(mutex_);
  Steady lastActivity_ GUARDED_BY(mutex_);
  // Of a streaming list; a watch may be silent for longer, and goes on in the same stream.
  bool listing_ GUARDED_BY(mutex_) = false;
  bool listSilent_ GUARDED_BY(mutex_) = false;
  Steady listBegan_ GUARDED_BY(mutex_);
};

bool ReflectorCore::Inner::enter(bool activity) {
  MutexLock l(mutex_);
  if (stopped_) return false;
  ++busy_;
  if (activity) lastActivity_ = clock_.steady();
  return true;
}

void ReflectorCore::Inner::leave() {
  MutexLock l(mutex_);
  lastError_ = machine_.trouble();
  if (--busy_ == 0) idle_.notifyAll();
}

/// Ends a callback with the next thing of the chain. That is begun after the chain's own state was let go, as its end
/// may come on another thread before this one is out of here.
void ReflectorCore::Inner::finish(Step step) {
  prepare(step);
  const auto trouble = machine_.trouble();
  uint64_t operation = 0;
  {
    MutexLock l(mutex_);
    lastError_ = trouble;
    operation = ++operation_;
    stream_ = nullptr;
    timer_ = 0;
    if (stopped_) {
      if (--busy_ == 0) idle_.notifyAll();
      return;
    }
  }
  launch(std::move(step), operation);
  MutexLock l(mutex_);
  if (--busy_ == 0) idle_.notifyAll();
}

/// What a Step asks for before its request or wait.
void ReflectorCore::Inner::prepare(const Step& step) {
  if (!step.restart.empty()) {
    logRestart(step);
    if (options_.onRestart) options_.onRestart(step.restart);
  }
  if (step.discard) port_->discard();
  if (!step.commit) return;
  port_->commit(step.version);
  bool first = false;
  {
    MutexLock l(mutex_);
    first = !std::exchange(synced_, true);
    listing_ = false;
  }
  if (first && options_.onSynced) options_.onSynced();
}

void ReflectorCore::Inner::launch(Step step, uint64_t operation) {
  http::CallHandle stream;
  Timers::Id timer = 0;
  switch (step.what) {
    case Step::Do::OpenStream:
      if (machine_.state() == WatchMachine::State::StreamingList) beginListing(operation);
      stream = openStream(std::move(*step.request));
      break;
    case Step::Do::SendList:
      sendList(std::move(*step.request));
      break;
    case Step::Do::Wait:
      timer = timers_.after(step.pause, [self = shared_from_this()] { self->onWaited(); });
      break;
    case Step::Do::Nothing:
    case Step::Do::CloseStream:
      break;
  }
  {
    MutexLock l(mutex_);
    if (!stopped_) {
      if (operation == operation_) {  // else it has ended already
        stream_ = std::move(stream);
        timer_ = timer;
      }
      return;
    }
  }
  if (stream) stream->cancel();
  if (timer != 0) timers_.cancel(timer);
}

void ReflectorCore::Inner::beginListing(uint64_t operation) {
  {
    MutexLock l(mutex_);
    listing_ = true;
    listSilent_ = false;
    listBegan_ = clock_.steady();
  }
  watchListing(operation);
}

/// Looks now and then whether a streaming list still says something, and ends it when it does not.
void ReflectorCore::Inner::watchListing(uint64_t operation) {
  const auto pause = options_.watch.listSilence / 4;
  timers_.after(pause, [self = shared_from_this(), operation] {
    http::CallHandle stream;
    {
      MutexLock l(self->mutex_);
      if (self->stopped_ || !self->listing_ || operation != self->operation_) return;
      const Steady heard = std::max(self->lastActivity_, self->listBegan_);
      if (self->clock_.steady() - heard >= self->options_.watch.listSilence && self->stream_) {
        self->listSilent_ = true;
        stream = self->stream_;
      }
    }
    if (stream) return stream->cancel();
    self->watchListing(operation);
  });
}

http::CallHandle ReflectorCore::Inner::openStream(ApiRequest request) {
  const auto self = shared_from_this();
  http::StreamHandlers handlers;
  handlers.head = [self](const http::Response& head) {
    if (head.status >= 200 && head.status < 300) self->onHead();
  };
  handlers.data = [self](std::string_view piece) { return self->onData(piece); };
  handlers.done = [self](Status how) { self->onEnd(std::move(how)); };
  return client_.stream(std::move(request), std::move(handlers));
}

void ReflectorCore::Inner::sendList(ApiRequest request) {
  client_.send(std::move(request),
               [self = shared_from_this()](Result<http::Response> answer) { self->onList(std::move(answer)); });
}

void ReflectorCore::Inner::onHead() {
  if (!enter(true)) return;
  lines_.reset();
  machine_.opened(clock_.steady());
  leave();
}

bool ReflectorCore::Inner::onData(std::string_view piece) {
  if (!enter(true)) return false;
  bool closing = false;
  const auto end = lines_.feed(piece, [&](std::string_view line) { return handleLine(line, closing); });
  if (end == LineSplitter::End::Overflow) {
    machine_.overflowed(clock_.steady(), random());
    closing = true;
  }
  leave();
  return !closing;
}

/// False when the stream is to be closed.
bool ReflectorCore::Inner::handleLine(std::string_view line, bool& closing) {
  const bool gathering = machine_.state() != WatchMachine::State::Watching;
  const Result<EventHead> head = port_->event(line, gathering);
  if (!head.ok()) {
    warnOnce(head.error());
    return true;
  }
  const Step step = machine_.event(*head, clock_.steady(), random());
  prepare(step);
  closing = step.what == Step::Do::CloseStream;
  return !closing;
}

void ReflectorCore::Inner::onEnd(Status how) {
  if (!enter(false)) return;
  lines_.reset();
  {
    MutexLock l(mutex_);
    listing_ = false;
    if (std::exchange(listSilent_, false)) how = timedOut("a streaming list said nothing for too long");
  }
  finish(machine_.ended(how, clock_.steady(), random()));
}

void ReflectorCore::Inner::onList(Result<http::Response> answer) {
  if (!enter(answer.ok())) return;
  const Result<PageHead> page = decodePage(std::move(answer));
  finish(machine_.listed(page, clock_.steady(), random()));
}

Result<PageHead> ReflectorCore::Inner::decodePage(Result<http::Response> answer) {
  if (!answer.ok()) return std::move(answer).error();
  std::vector<Error> skipped;
  Result<PageHead> page = port_->page(std::move(answer->body), skipped);
  for (const Error& e : skipped) warnOnce(e);
  if (!page.ok()) return unreadable(page.error());
  return page;
}

void ReflectorCore::Inner::onWaited() {
  if (!enter(false)) return;
  finish(machine_.waited(clock_.steady(), random()));
}

void ReflectorCore::Inner::warnOnce(const Error& skipped) {
  if (warned_.size() >= kWarned) warned_.clear();
  if (!warned_.insert(skipped.message).second) return;
  log::warn("an object could not be decoded and is left out",
            {{"resource", options_.watch.resource.plural}, {"error", skipped.message}});
}

/// A trouble that goes on is told once.
void ReflectorCore::Inner::logRestart(const Step& step) {
  const auto& trouble = machine_.trouble();
  const std::string error = trouble ? trouble->message : "";
  const bool usual = step.restart == restart::kClosed || step.restart == restart::kThrottled;
  const bool repeated = error == std::exchange(loggedError_, error) && !error.empty();
  const auto level = usual || repeated ? log::Level::Debug : trouble ? log::Level::Warn : log::Level::Info;
  if (!log::enabled(level)) return;
  log::write(level, "list or watch begins again",
             {{"resource", options_.watch.resource.plural},
              {"reason", std::string(step.restart)},
              {"state", name(machine_.state())},
              {"resourceVersion", machine_.version()},
              {"pauseMilliseconds", step.pause.count()},
              {"error", error}});
}

void ReflectorCore::Inner::start() {
  {
    MutexLock l(mutex_);
    if (started_ || stopped_) return;
    started_ = true;
    ++busy_;
    lastActivity_ = clock_.steady();
  }
  finish(machine_.start(clock_.steady(), random()));
}

void ReflectorCore::Inner::stop() {
  http::CallHandle stream;
  Timers::Id timer = 0;
  {
    MutexLock l(mutex_);
    stopped_ = true;
    stream = std::move(stream_);
    timer = std::exchange(timer_, 0);
  }
  if (stream) stream->cancel();
  if (timer != 0) timers_.cancel(timer);
  MutexLock l(mutex_);
  while (busy_ > 0) idle_.wait(mutex_);
}

bool ReflectorCore::Inner::synced() const {
  MutexLock l(mutex_);
  return synced_;
}

std::optional<Error> ReflectorCore::Inner::lastError() const {
  MutexLock l(mutex_);
  return lastError_;
}

double ReflectorCore::Inner::secondsSinceLastActivity() const {
  MutexLock l(mutex_);
  return std::chrono::duration<double>(clock_.steady() - lastActivity_).count();
}

ReflectorCore::ReflectorCore(Client& client, Timers& timers, const Clock& clock, ReflectorOptions options,
                             std::unique_ptr<ReflectorPort> port)
    : inner_(std::make_shared<Inner>(client, timers, clock, std::move(options), std::move(port))) {}

ReflectorCore::~ReflectorCore() { stop(); }
void ReflectorCore::start() { inner_->start(); }
void ReflectorCore::stop() { inner_->stop(); }
bool ReflectorCore::synced() const { return inner_->synced(); }
std::optional<Error> ReflectorCore::lastError() const { return inner_->lastError(); }
double ReflectorCore::secondsSinceLastActivity() const { return inner_->secondsSinceLastActivity(); }

}  // namespace baton::kube
