// Inner parts of the cpprestsdk transport; nobody outside cpprest_*.cc includes this.
#pragma once

#include <cpprest/http_client.h>
#include <pplx/pplxtasks.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/timers.h"
#include "http/tls.h"
#include "http/transport.h"

namespace baton::http::cpprest {

/// The server that a transport talks to; shared with its calls, so that these may outlive the transport.
struct Origin {
  std::string url;
  std::shared_ptr<RefusalNote> refusals = std::make_shared<RefusalNote>();
};

/// The timers of all calls. Never destroyed, as calls may be under way when the process ends.
Timers& deadlines();
/// One in each call counts those whose memory, and that of cpprestsdk's request with it, is not yet freed.
class Alive {
 public:
  Alive();
  ~Alive();
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;
  /// Returns when there is no call any more, or after that time.
  static void awaitNone(std::chrono::milliseconds most);
};

/// Runs f; what it throws is logged: a task of cpprestsdk would keep it to itself.
void guarded(const std::function<void()>& f);
/// The same on cpprestsdk's thread pool.
void onPool(std::function<void()> f);
/// Continuations with these options run on the thread that completes the task, without a detour through the pool.
pplx::task_options inlined();
/// While this lives, inlined continuations of this thread go to the pool after all: a task may have completed before
/// its continuation is set, and callbacks must not run within the caller's send() or stream().
struct Starting {
  Starting();
  ~Starting();
  Starting(const Starting&) = delete;
  Starting& operator=(const Starting&) = delete;
};

/// The request as cpprestsdk takes it. Invalid: it cannot be sent as it is.
Result<web::http::http_request> outgoing(Request request);
Headers headersOf(const web::http::http_headers& headers);
/// What an exception of cpprestsdk means. `what`: "GET https://host".
Error errorOf(const std::exception_ptr& thrown, const std::string& what, const Origin& origin);

/// A stream that hands each piece of a response body to f, never two at once, on a pool thread. The next piece is
/// read when f has returned; after a false no more is handed on, and `end` is called to cancel the request. impossible:
/// f was not even called, as the server named a size that no answer has.
concurrency::streams::ostream sink(std::function<bool(std::string_view)> f, std::function<void(bool impossible)> end);
Error impossibleChunk(const std::string& what);

/// One request with its whole answer. Kept alive by cpprestsdk's request until that has ended.
class RequestCall final : public Call, public std::enable_shared_from_this<RequestCall> {
 public:
  using Done = std::function<void(Result<Response>)>;
  RequestCall(std::shared_ptr<const Origin> origin, std::string what, Done done)
      : origin_(std::move(origin)), what_(std::move(what)), done_(std::move(done)) {}

  void start(web::http::client::http_client& client, web::http::http_request request,
             std::chrono::milliseconds timeout);
  void cancel() override;
  /// Ends the call with an error, from any thread; `done` runs on the pool.
  void abort(Error error);

 private:
  void finish(Result<Response> result);
  bool append(std::string_view piece);
  void completed(const pplx::task<web::http::http_response>& body, const web::http::http_response& head);

  const Alive alive_;
  const std::shared_ptr<const Origin> origin_;
  const std::string what_;
  Done done_;         // for whoever sets ended_ first
  std::string body_;  // this and the next: touched by cpprestsdk's callbacks only, which come one after another
  bool tooLarge_ = false;
  Timers::Id deadline_ = 0;
  std::atomic<bool> ended_{false};
  pplx::cancellation_token_source source_;  // closes the connection
};

/// One request whose answer is handed on piece by piece. Head, pieces and end may come from different threads; they
/// are queued, and the thread that finds no callback running runs what is due (deliver()).
class StreamCall final : public Call, public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(std::shared_ptr<const Origin> origin, std::string what, StreamHandlers handlers)
      : origin_(std::move(origin)), what_(std::move(what)), handlers_(std::move(handlers)) {}

  /// silence: the longest time without a head or a piece.
  void start(web::http::client::http_client& client, web::http::http_request request,
             std::chrono::milliseconds silence);
  void cancel() override;
  void abort(Error error);

 private:
  void onHead(Response head);
  bool onPiece(std::string_view piece);
  bool collectError(std::string_view piece) REQUIRES(mutex_);
  bool handOn(std::string_view piece);
  void finish(Status status);
  void deliver();
  bool deliverOne();
  void watchSilence(Steady until) REQUIRES(mutex_);
  void checkSilence();
  bool refused() const REQUIRES(mutex_) { return refusal_.status != 0; }

  const Alive alive_;
  const std::shared_ptr<const Origin> origin_;
  const std::string what_;
  pplx::cancellation_token_source source_;
  std::chrono::milliseconds silence_{0};
  StreamHandlers handlers_;  // used by the thread that has set running_ only

  Mutex mutex_;
  bool running_ GUARDED_BY(mutex_) = false;    // a callback is running
  bool headGiven_ GUARDED_BY(mutex_) = false;  // handlers_.head has run
  bool doneRun_ GUARDED_BY(mutex_) = false;
  std::optional<Response> head_ GUARDED_BY(mutex_);  // waits to be handed on
  std::string waiting_ GUARDED_BY(mutex_);           // pieces that came while another callback was running
  std::optional<Status> end_ GUARDED_BY(mutex_);     // set once
  Response refusal_ GUARDED_BY(mutex_);              // an answer other than 2xx: status, headers, start of the body
  Steady heard_ GUARDED_BY(mutex_);
  Timers::Id timer_ GUARDED_BY(mutex_) = 0;
};

}  // namespace baton::http::cpprest
