#include "kube/watch_machine.h"

#include <algorithm>

namespace baton::kube {
namespace {

using std::chrono::milliseconds;
using State = WatchMachine::State;
using Kind = Error::Kind;

// A watch that ended sooner, without an event, is taken for a failure: else an ill server is asked without a pause.
constexpr std::chrono::seconds kShortWatch{1};
// A watch that lasted so long was a success even if nothing happened.
constexpr std::chrono::seconds kLongWatch{10};
constexpr int kBrokenLists = 3;
constexpr int kSilences = 2;
constexpr std::chrono::seconds kLeastThrottle{1};

/// 504 with cause ResourceVersionTooLarge: this server has not yet, or after a restore no longer, what another showed.
bool versionTooLarge(const Error& e) {
  return e.httpStatus == 504 && e.message.find("Too large resource version") != std::string::npos;
}

bool unknownToServer(const Error& e) { return e.httpStatus == 400 || e.httpStatus == 422; }

}  // namespace

const char* name(State state) {
  switch (state) {
    case State::Start:
      return "start";
    case State::StreamingList:
      return "streaming list";
    case State::PagedList:
      return "paged list";
    case State::Watching:
      return "watching";
  }
  return "?";
}

Step WatchMachine::start(Steady, double random) { return list(random); }

Step WatchMachine::waited(Steady, double random) {
  // Half a streamed list cannot be continued.
  if (state_ == State::Start || state_ == State::StreamingList) return list(random);
  return request(random);
}

void WatchMachine::opened(Steady now) {
  openedAt_ = now;
  trouble_.reset();
}

Step WatchMachine::list(double random) {
  state_ = streaming_ ? State::StreamingList : State::PagedList;
  version_ = 0;
  continueToken_.clear();
  discard_ = true;
  return request(random);
}

Step WatchMachine::usePages(std::string_view reason, double random) {
  state_ = State::PagedList;
  version_ = 0;
  continueToken_.clear();
  discard_ = true;
  brokenLists_ = 0;
  Step s = request(random);
  s.restart = reason;
  return s;
}

Step WatchMachine::request(double random) {
  openedAt_.reset();
  eventSeen_ = false;
  endingReason_ = {};
  endingWith_.reset();
  Step s;
  s.discard = std::exchange(discard_, false);
  if (state_ == State::PagedList) {
    ListOptions options{settings_.labelSelector, settings_.fieldSelector, settings_.pageSize, continueToken_, {}, {},
                        settings_.metadataOnly};
    s.what = Step::Do::SendList;
    s.request = kube::list(settings_.resource, settings_.ns, options);
    s.request->timeout = settings_.listTimeout;
  } else {
    const bool whole = state_ == State::StreamingList;
    WatchOptions options{
        settings_.labelSelector,
        settings_.fieldSelector,
        whole ? "" : std::to_string(version_),
        settings_.lasts + std::chrono::seconds(static_cast<int>(static_cast<double>(settings_.lasts.count()) * random)),
        whole,
        settings_.metadataOnly};
    s.what = Step::Do::OpenStream;
    s.request = kube::watch(settings_.resource, settings_.ns, options);
    s.request->timeout = settings_.silence;
  }
  s.request->retries = 0;  // what to do with a failure is decided here
  return s;
}

Step WatchMachine::wait(std::string_view reason, milliseconds pause) {
  Step s;
  s.what = Step::Do::Wait;
  s.pause = pause;
  s.restart = reason;
  return s;
}

Step WatchMachine::again(std::string_view reason, double random) {
  return wait(reason, backOff(settings_.backOffLeast, settings_.backOffMost, random));
}

/// Doubles with each failure in a row; the second half of it is random.
milliseconds WatchMachine::backOff(milliseconds least, milliseconds most, double random) {
  const int doublings = std::min(++failures_, 20);
  const auto whole = std::min<int64_t>(most.count(), least.count() << doublings);
  return milliseconds(whole / 2 + static_cast<int64_t>(static_cast<double>(whole) / 2 * random));
}

Step WatchMachine::close(std::string_view reason, Error why) {
  endingReason_ = reason;
  endingWith_ = std::move(why);
  Step s;
  s.what = Step::Do::CloseStream;
  return s;
}

void WatchMachine::endRow() {
  failures_ = 0;
  expiries_ = 0;
}

Step WatchMachine::event(const EventHead& event, Steady, double) {
  if (!endingReason_.empty()) return {};
  eventSeen_ = true;
  if (event.type == EventType::Error) {
    Error why = event.error.value_or(internal("an ERROR event without a status"));
    return close(restart::kFailed, std::move(why));
  }
  if (state_ == State::Watching) {
    endRow();
    silences_ = 0;
    if (event.resourceVersion != 0) version_ = event.resourceVersion;
    return {};
  }
  if (event.type != EventType::Bookmark) return {};
  if (!event.initialEventsEnd || event.resourceVersion == 0)
    return close(restart::kUnsupported, invalid("the server does not mark the end of a streamed list"));
  state_ = State::Watching;
  version_ = event.resourceVersion;
  brokenLists_ = 0;
  Step s;
  s.commit = true;
  s.version = version_;
  return s;
}

Step WatchMachine::overflowed(Steady, double) {
  if (!endingReason_.empty()) return {};
  return close(restart::kOverflow, invalid("the server sent an event longer than the limit"));
}

Step WatchMachine::ended(const Status& how, Steady now, double random) {
  if (state_ == State::Watching && openedAt_ && now - *openedAt_ >= kLongWatch) endRow();
  if (endingReason_ == restart::kUnsupported) {
    streaming_ = false;
    return usePages(restart::kUnsupported, random);
  }
  if (endingReason_ == restart::kOverflow) {
    trouble_ = endingWith_;
    state_ = State::Start;
    return again(restart::kOverflow, random);
  }
  if (endingWith_) return failed(Error(*endingWith_), random);
  if (!how.ok()) return failed(how.error(), random);
  return closed(now, random);
}

Step WatchMachine::closed(Steady now, double random) {
  if (state_ != State::Watching)
    return broken(restart::kClosed, unavailable("the server ended a list before its end"), random);
  const bool lasted = openedAt_ && now - *openedAt_ >= kShortWatch;
  if (!lasted && !eventSeen_) return again(restart::kClosed, random);
  Step s = request(random);
  s.restart = restart::kClosed;
  return s;
}

Step WatchMachine::failed(const Error& error, double random) {
  if (error.kind == Kind::Gone || versionTooLarge(error)) return expired(random);
  if (error.kind == Kind::TooManyRequests) {
    const milliseconds asked = std::max<milliseconds>(kLeastThrottle, error.retryAfter.value_or(kLeastThrottle));
    return wait(restart::kThrottled,
                asked + milliseconds(static_cast<int64_t>(static_cast<double>(asked.count()) / 4 * random)));
  }
  if (state_ == State::StreamingList && unknownToServer(error)) {
    streaming_ = false;
    return usePages(restart::kUnsupported, random);
  }
  // A continue token that the server no longer understands, as after an upgrade.
  if (state_ == State::PagedList && !continueToken_.empty() && unknownToServer(error)) return expired(random);
  trouble_ = error;
  if (error.httpStatus >= 400 && error.httpStatus < 500)
    return wait(restart::kRefused, backOff(settings_.refusedLeast, settings_.refusedMost, random));
  if (error.httpStatus >= 500) return broken(restart::kFailed, error, random);
  if (error.kind == Kind::Timeout) return silent(random);
  if (error.kind == Kind::Unavailable || error.kind == Kind::Cancelled) return broken(restart::kLost, error, random);
  return again(error.kind == Kind::Internal ? restart::kUndecodable : restart::kFailed, random);
}

Step WatchMachine::silent(double random) {
  if (state_ == State::StreamingList) return usePages(restart::kSilent, random);
  if (state_ == State::Watching && openedAt_ && !eventSeen_ && ++silences_ >= kSilences) {
    silences_ = 0;
    state_ = State::Start;
  }
  return again(restart::kSilent, random);
}

/// Cut off by the network or the server.
Step WatchMachine::broken(std::string_view reason, const Error& error, double random) {
  trouble_ = error;
  if (state_ == State::StreamingList && openedAt_ && ++brokenLists_ >= kBrokenLists) return usePages(reason, random);
  return again(reason, random);
}

Step WatchMachine::expired(double random) {
  state_ = State::Start;
  if (expiries_++ > 0) return again(restart::kExpired, random);
  Step s = list(random);
  s.restart = restart::kExpired;
  return s;
}

Step WatchMachine::listed(const Result<PageHead>& page, Steady, double random) {
  if (!page.ok()) return failed(page.error(), random);
  if (page->resourceVersion == 0) return failed(internal("a list without resourceVersion"), random);
  trouble_.reset();
  if (version_ == 0) version_ = page->resourceVersion;
  continueToken_ = page->continueToken;
  if (!continueToken_.empty()) return request(random);
  state_ = State::Watching;
  Step s = request(random);
  s.commit = true;
  s.version = version_;
  return s;
}

}  // namespace baton::kube
