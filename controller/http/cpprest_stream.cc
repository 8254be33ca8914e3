#include <cpprest/astreambuf.h>

#include <utility>

#include "http/cpprest_call.h"
#include "http/status_error.h"

namespace baton::http::cpprest {
namespace {

constexpr size_t kMostErrorBody = size_t{64} << 10;
constexpr size_t kMostPiece = size_t{1} << 30;     // cpprestsdk takes a chunk size of "-2" for 2^64-2
constexpr size_t kMostWaiting = size_t{16} << 20;  // while a callback is running

// Write-only: all that reads, seeks or hands out memory is refused.
class SinkBuffer final : public concurrency::streams::details::streambuf_state_manager<uint8_t> {
 public:
  SinkBuffer(std::function<bool(std::string_view)> f, std::function<void(bool impossible)> end)
      : streambuf_state_manager<uint8_t>(std::ios_base::out), f_(std::move(f)), end_(std::move(end)) {}

  bool can_seek() const override { return false; }
  bool has_size() const override { return false; }
  size_t buffer_size(std::ios_base::openmode) const override { return 0; }
  void set_buffer_size(size_t, std::ios_base::openmode) override {}
  size_t in_avail() const override { return 0; }
  pos_type getpos(std::ios_base::openmode) const override { return nowhere(); }
  pos_type seekpos(pos_type, std::ios_base::openmode) override { return nowhere(); }
  pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override { return nowhere(); }
  bool acquire(uint8_t*&, size_t&) override { return false; }
  void release(uint8_t*, size_t) override {}

 protected:
  // Never a failed task: cpprestsdk would wait on this pool thread for the buffer to be closed by another one, and with
  // all of them waiting nothing moves any more. What is not wanted is dropped, and the request cancelled.
  pplx::task<int_type> _putc(uint8_t c) override {
    put(&c, 1);
    return pplx::task_from_result<int_type>(c);
  }
  pplx::task<size_t> _putn(const uint8_t* data, size_t size) override {
    put(data, size);
    return pplx::task_from_result(size);
  }
  uint8_t* _alloc(size_t) override { return nullptr; }
  void _commit(size_t) override {}
  pplx::task<size_t> _getn(uint8_t*, size_t) override { return pplx::task_from_result<size_t>(0); }
  size_t _scopy(uint8_t*, size_t) override { return 0; }
  pplx::task<int_type> _bumpc() override { return atEnd(); }
  int_type _sbumpc() override { return traits::eof(); }
  pplx::task<int_type> _getc() override { return atEnd(); }
  int_type _sgetc() override { return traits::eof(); }
  pplx::task<int_type> _nextc() override { return atEnd(); }
  pplx::task<int_type> _ungetc() override { return atEnd(); }
  pplx::task<bool> _sync() override { return pplx::task_from_result(true); }

 private:
  void put(const uint8_t* data, size_t size) {
    if (ended_) return;
    const bool impossible = size > kMostPiece;
    ended_ = impossible || !f_(std::string_view(reinterpret_cast<const char*>(data), size));
    if (ended_) end_(impossible);
  }
  static pos_type nowhere() { return static_cast<pos_type>(traits::eof()); }
  static pplx::task<int_type> atEnd() { return pplx::task_from_result<int_type>(traits::eof()); }

  const std::function<bool(std::string_view)> f_;
  const std::function<void(bool)> end_;
  bool ended_ = false;  // pieces come one after another
};

}  // namespace

concurrency::streams::ostream sink(std::function<bool(std::string_view)> f, std::function<void(bool impossible)> end) {
  const auto buffer = std::make_shared<SinkBuffer>(std::move(f), std::move(end));
  return concurrency::streams::streambuf<uint8_t>(buffer).create_ostream();
}

void StreamCall::start(web::http::client::http_client& client, web::http::http_request request,
                       std::chrono::milliseconds silence) {
  auto self = shared_from_this();
  silence_ = silence;
  {
    MutexLock l(mutex_);
    heard_ = std::chrono::steady_clock::now();
    watchSilence(heard_ + silence_);
  }
  request.set_response_stream(sink([self](std::string_view piece) { return self->onPiece(piece); },
                                   [self](bool impossible) {
                                     if (impossible) self->finish(impossibleChunk(self->what_));
                                     self->source_.cancel();
                                   }));
  const Starting guard;
  client.request(request, source_.get_token())
      .then(
          [self](pplx::task<web::http::http_response> headers) {
            try {
              const web::http::http_response head = headers.get();
              self->onHead({head.status_code(), headersOf(head.headers()), ""});
              head.content_ready().then(
                  [self](pplx::task<web::http::http_response> body) {
                    try {
                      body.get();
                      self->finish(Ok{});
                    } catch (...) {
                      self->finish(errorOf(std::current_exception(), self->what_, *self->origin_));
                    }
                  },
                  inlined());
            } catch (...) {
              self->finish(errorOf(std::current_exception(), self->what_, *self->origin_));
            }
          },
          inlined());
}

void StreamCall::watchSilence(Steady until) {
  timer_ = deadlines().at(until, [weak = weak_from_this()] {
    if (auto call = weak.lock()) call->checkSilence();
  });
}

// Pieces only note the time; the timer finds out whether it has been silent all the while.
void StreamCall::checkSilence() {
  {
    MutexLock l(mutex_);
    if (end_) return;
    const Steady until = heard_ + silence_;
    if (until > std::chrono::steady_clock::now()) return watchSilence(until);
  }
  abort(timedOut(what_ + ": silent for " + std::to_string(silence_.count()) + " ms"));
}

void StreamCall::abort(Error error) {
  onPool([self = shared_from_this(), error = std::move(error)] { self->finish(error); });
}

void StreamCall::cancel() { abort(cancelled(what_ + ": cancelled")); }

void StreamCall::onHead(Response head) {
  {
    MutexLock l(mutex_);
    if (end_) return;
    heard_ = std::chrono::steady_clock::now();
    if (head.status < 200 || head.status > 299) {
      refusal_ = head;
      collectError(std::exchange(waiting_, {}));
    }
    head_ = std::move(head);
  }
  deliver();
}

// False when enough has come.
bool StreamCall::collectError(std::string_view piece) {
  refusal_.body.append(piece.substr(0, kMostErrorBody - refusal_.body.size()));
  return refusal_.body.size() < kMostErrorBody;
}

bool StreamCall::onPiece(std::string_view piece) {
  bool enough = false;
  bool tooSlow = false;
  {
    MutexLock l(mutex_);
    if (end_) return false;
    heard_ = std::chrono::steady_clock::now();
    if (refused()) {
      if (collectError(piece)) return true;
      enough = true;
    } else if (running_ || !headGiven_) {
      waiting_.append(piece);
      if (waiting_.size() < kMostWaiting) return true;
      tooSlow = true;
    } else {
      running_ = true;
    }
  }
  if (enough) {  // of an error's body: the refusal itself is what is told
    finish(Ok{});
    return false;
  }
  if (tooSlow) {
    finish(unavailable(what_ + ": " + std::to_string(kMostWaiting >> 20) + " MiB came while a callback was running"));
    return false;
  }
  const bool more = handOn(piece);
  {
    MutexLock l(mutex_);
    running_ = false;
  }
  if (!more) finish(cancelled(what_ + ": ended by the reader"));
  deliver();
  return more;
}

/// False when it wants no more, or could not take it.
bool StreamCall::handOn(std::string_view piece) {
  bool more = false;
  guarded([&] { more = handlers_.data(piece); });
  return more;
}

void StreamCall::finish(Status status) {
  const bool inOrder = status.ok();
  Timers::Id timer = 0;
  {
    MutexLock l(mutex_);
    if (end_) return;
    if (refused() && (status || status.error().kind != Error::Kind::Cancelled))
      end_ = statusError(refusal_.status, refusal_.headers, refusal_.body);
    else
      end_ = std::move(status);
    timer = timer_;
  }
  deadlines().cancel(timer);
  if (!inOrder) source_.cancel();
  deliver();
}

void StreamCall::deliver() {
  {
    MutexLock l(mutex_);
    if (running_) return;
    running_ = true;
  }
  while (deliverOne()) {
  }
}

// Runs the callback that is due, and keeps running_; or gives it back and returns false when nothing is due.
bool StreamCall::deliverOne() {
  std::optional<Response> head;
  std::string piece;
  std::optional<Status> end;
  {
    MutexLock l(mutex_);
    if (head_ && !doneRun_) {
      head = std::exchange(head_, std::nullopt);
      headGiven_ = true;
    } else if (headGiven_ && !waiting_.empty() &&
               (!end_ || end_->ok() || end_->error().kind != Error::Kind::Cancelled)) {
      piece.swap(waiting_);
    } else if (end_ && !doneRun_) {
      end = *end_;
      doneRun_ = true;
    } else {
      running_ = false;
      return false;
    }
  }
  if (head) {
    guarded([&] {
      if (handlers_.head) handlers_.head(*head);
    });
  } else if (end) {
    guarded([&, handlers = std::exchange(handlers_, {})] { handlers.done(std::move(*end)); });
  } else if (!handOn(piece)) {
    {
      MutexLock l(mutex_);
      end_ = cancelled(what_ + ": ended by the reader");
    }
    source_.cancel();  // closes the connection
  }
  return true;
}

}  // namespace baton::http::cpprest
