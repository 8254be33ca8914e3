#include "kube/event_recorder.h"

#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "kube/request.h"

namespace baton::kube {

class ApiEventRecorder::Inner : public std::enable_shared_from_this<Inner> {
 public:
  Inner(Client& client, Timers& timers, const Clock& clock, EventRecorderOptions options)
      : client_(client), timers_(timers), clock_(clock), options_(std::move(options)), series_(options_.events) {}

  void record(Occurrence occurrence) EXCLUDES(mutex_);
  bool flush(Steady deadline) EXCLUDES(mutex_);
  void stop() EXCLUDES(mutex_);
  uint64_t dropped() const;

 private:
  using Name = std::pair<std::string, std::string>;  // namespace, name
  static Name nameOf(const EventWrite& w) { return {w.ns, w.name}; }

  void enqueue(EventWrite write) REQUIRES(mutex_);
  void pump() EXCLUDES(mutex_);
  std::optional<EventWrite> next() REQUIRES(mutex_);
  void send(EventWrite write);
  void onAnswer(EventWrite write, const Result<http::Response>& answer) EXCLUDES(mutex_);
  void planDue() REQUIRES(mutex_);
  void onDue() EXCLUDES(mutex_);

  Client& client_;
  Timers& timers_;
  const Clock& clock_;
  const EventRecorderOptions options_;

  mutable Mutex mutex_;
  CondVar changed_;
  EventSeries series_ GUARDED_BY(mutex_);
  // What waits, urgent ones before the others; each in the order of its coming, and found by its name.
  using Line = std::list<EventWrite>;
  Line urgent_ GUARDED_BY(mutex_);
  Line queue_ GUARDED_BY(mutex_);
  std::map<Name, Line::iterator> waiting_ GUARDED_BY(mutex_);
  std::set<Name> underWay_ GUARDED_BY(mutex_);  // a series is not patched while its creation is under way
  int sending_ GUARDED_BY(mutex_) = 0;          // threads about to call the client
  Timers::Id timer_ GUARDED_BY(mutex_) = 0;     // for series that grew
  uint64_t dropped_ GUARDED_BY(mutex_) = 0;
  bool stopped_ GUARDED_BY(mutex_) = false;
};

void ApiEventRecorder::Inner::record(Occurrence occurrence) {
  if (occurrence.time == Time{}) occurrence.time = clock_.now();
  {
    MutexLock l(mutex_);
    if (stopped_) return;
    if (auto write = series_.add(std::move(occurrence), clock_.steady())) enqueue(std::move(*write));
    planDue();
  }
  pump();
}

/// A newer write of the same Event says all that one still waiting would.
void ApiEventRecorder::Inner::enqueue(EventWrite write) {
  const Name name = nameOf(write);
  if (const auto found = waiting_.find(name); found != waiting_.end()) {
    found->second->count = write.count;
    found->second->last = write.last;
    return;
  }
  if (queue_.size() >= options_.queue) {
    waiting_.erase(nameOf(queue_.front()));
    queue_.pop_front();
    ++dropped_;
  }
  Line& line = write.first->urgent ? urgent_ : queue_;
  line.push_back(std::move(write));
  waiting_[name] = std::prev(line.end());
}

void ApiEventRecorder::Inner::pump() {
  for (;;) {
    std::optional<EventWrite> write;
    {
      MutexLock l(mutex_);
      write = next();
      if (!write) return;
      ++sending_;
    }
    send(std::move(*write));
    MutexLock l(mutex_);
    --sending_;
    changed_.notifyAll();
  }
}

std::optional<EventWrite> ApiEventRecorder::Inner::next() {
  if (stopped_) return std::nullopt;
  for (Line* line : {&urgent_, &queue_}) {
    // Urgent ones are few, and must not wait behind a pile of others.
    const bool full = underWay_.size() >= static_cast<size_t>(options_.inFlight);
    if (full && line == &queue_) return std::nullopt;
    for (auto it = line->begin(); it != line->end(); ++it) {
      if (!underWay_.insert(nameOf(*it)).second) continue;
      EventWrite write = std::move(*it);
      waiting_.erase(nameOf(write));
      line->erase(it);
      return write;
    }
  }
  return std::nullopt;
}

void ApiEventRecorder::Inner::send(EventWrite write) {
  std::string body = eventBody(write, options_.events);
  ApiRequest request = write.what == EventWrite::What::Create
                           ? create(resources::events, write.ns, std::move(body))
                           : mergePatch(resources::events, write.ns, write.name, std::move(body));
  request.lane = write.first->urgent ? Lane::RoleChange : Lane::Event;
  request.idempotent = true;  // the name is ours: what was created before is AlreadyExists
  client_.send(std::move(request),
               [self = shared_from_this(), write = std::move(write)](Result<http::Response> answer) mutable {
                 self->onAnswer(std::move(write), answer);
               });
}

void ApiEventRecorder::Inner::onAnswer(EventWrite write, const Result<http::Response>& answer) {
  {
    MutexLock l(mutex_);
    underWay_.erase(nameOf(write));
    const auto kind = answer.ok() ? std::nullopt : std::optional(answer.error().kind);
    const bool creating = write.what == EventWrite::What::Create;
    if (!creating && kind == Error::Kind::NotFound) {
      // The server keeps Events for an hour; a series may last longer.
      write.what = EventWrite::What::Create;
      enqueue(std::move(write));
    } else if (kind && !(creating && kind == Error::Kind::AlreadyExists)) {
      ++dropped_;
      log::debug("an Event could not be written", {{"event", write.name}, {"error", answer.error().message}});
    }
    changed_.notifyAll();
  }
  pump();
}

void ApiEventRecorder::Inner::planDue() {
  if (timer_ != 0 || stopped_) return;
  const auto due = series_.nextDue();
  if (!due) return;
  const auto left = std::max<Steady::duration>(*due - clock_.steady(), std::chrono::milliseconds(1));
  timer_ = timers_.after(left, [self = shared_from_this()] { self->onDue(); });
}

void ApiEventRecorder::Inner::onDue() {
  {
    MutexLock l(mutex_);
    if (stopped_) return;
    timer_ = 0;
    for (EventWrite& write : series_.due(clock_.steady())) enqueue(std::move(write));
    planDue();
  }
  pump();
}

bool ApiEventRecorder::Inner::flush(Steady deadline) {
  {
    MutexLock l(mutex_);
    for (EventWrite& write : series_.due(std::nullopt)) enqueue(std::move(write));
  }
  pump();
  MutexLock l(mutex_);
  while (!waiting_.empty() || !underWay_.empty()) {
    if (!changed_.waitUntil(mutex_, deadline)) return waiting_.empty() && underWay_.empty();
  }
  return true;
}

void ApiEventRecorder::Inner::stop() {
  MutexLock l(mutex_);
  stopped_ = true;
  urgent_.clear();
  queue_.clear();
  waiting_.clear();
  if (timer_ != 0) timers_.cancel(std::exchange(timer_, 0));
  while (sending_ > 0) changed_.wait(mutex_);
}

uint64_t ApiEventRecorder::Inner::dropped() const {
  MutexLock l(mutex_);
  return dropped_ + series_.limited();
}

ApiEventRecorder::ApiEventRecorder(Client& client, Timers& timers, const Clock& clock, EventRecorderOptions options)
    : inner_(std::make_shared<Inner>(client, timers, clock, std::move(options))) {}
ApiEventRecorder::~ApiEventRecorder() { inner_->stop(); }
void ApiEventRecorder::record(Occurrence occurrence) { inner_->record(std::move(occurrence)); }
bool ApiEventRecorder::flush(Steady deadline) { return inner_->flush(deadline); }
uint64_t ApiEventRecorder::dropped() const { return inner_->dropped(); }

}  // namespace baton::kube
