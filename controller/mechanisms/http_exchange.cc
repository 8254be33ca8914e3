#include "mechanisms/http_exchange.h"

#include <optional>
#include <utility>

#include "base/mutex.h"

namespace baton::mechanisms {
namespace {

// The body of an answer other than 2xx comes as the error's message; without a body that says the status.
std::string bodyOf(const Error& e) {
  return e.message == "HTTP status " + std::to_string(e.httpStatus) ? "" : e.message.substr(0, kMostAnswer);
}

// Transport::send would keep an answer of any size; hence a stream, of which as much is taken as is wanted. A
// stream's timeout is the longest silence, hence a timer for the whole.
class Exchange final : public http::Call, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(Timers& timers, std::function<void(Result<HttpAnswer>)> done) : timers_(timers), done_(std::move(done)) {}

  void start(http::Transport& transport, http::Request request) {
    const auto limit = request.timeout;
    request.timeout += std::chrono::seconds(1);  // so that the timer comes first
    http::StreamHandlers handlers;
    handlers.head = [self = shared_from_this()](const http::Response& head) { self->answer_.status = head.status; };
    handlers.data = [self = shared_from_this()](std::string_view piece) { return self->take(piece); };
    handlers.done = [self = shared_from_this()](Status end) { self->finish(std::move(end)); };
    http::CallHandle call = transport.stream(std::move(request), std::move(handlers));
    MutexLock l(mutex_);
    if (!done_) return;  // it has ended already
    call_ = std::move(call);
    if (cancelled_) return call_->cancel();
    timer_ = timers_.after(limit, [weak = weak_from_this(), limit] {
      if (const auto self = weak.lock()) self->giveUp(limit);
    });
  }

  void cancel() override {
    http::CallHandle call;
    {
      MutexLock l(mutex_);
      cancelled_ = true;
      call = call_;
    }
    if (call) call->cancel();
  }

 private:
  void giveUp(std::chrono::milliseconds limit) {
    http::CallHandle call;
    {
      MutexLock l(mutex_);
      if (!done_) return;
      late_ = limit;
      call = call_;
    }
    call->cancel();
  }

  bool take(std::string_view piece) {
    const size_t room = kMostAnswer - answer_.body.size();
    answer_.body.append(piece.substr(0, room));
    answer_.cut = piece.size() > room;
    return !answer_.cut;
  }

  void finish(Status end) {
    Timers::Id timer = 0;
    std::function<void(Result<HttpAnswer>)> done;
    std::optional<std::chrono::milliseconds> late;
    {
      MutexLock l(mutex_);
      done = std::exchange(done_, nullptr);
      timer = timer_;
      late = late_;
      call_ = nullptr;
    }
    if (timer != 0) timers_.cancel(timer);
    if (end || answer_.cut) return done(std::move(answer_));
    Error e = std::move(end).error();
    if (e.httpStatus != 0) return done(HttpAnswer{e.httpStatus, bodyOf(e), false});
    const bool byTimer = late && e.kind == Error::Kind::Cancelled;
    if (byTimer) e = timedOut("no answer within " + std::to_string(late->count() / 1000) + " s");
    done(std::move(e));
  }

  Timers& timers_;
  HttpAnswer answer_;  // for the stream's callbacks, which come one after another
  Mutex mutex_;
  std::function<void(Result<HttpAnswer>)> done_ GUARDED_BY(mutex_);  // null: it has ended
  http::CallHandle call_ GUARDED_BY(mutex_);
  Timers::Id timer_ GUARDED_BY(mutex_) = 0;
  bool cancelled_ GUARDED_BY(mutex_) = false;
  std::optional<std::chrono::milliseconds> late_ GUARDED_BY(mutex_);  // the timer has cancelled it
};

}  // namespace

http::CallHandle exchange(http::Transport& transport, http::Request request, Timers& timers,
                          std::function<void(Result<HttpAnswer>)> done) {
  auto e = std::make_shared<Exchange>(timers, std::move(done));
  e->start(transport, std::move(request));
  return e;
}

}  // namespace baton::mechanisms
