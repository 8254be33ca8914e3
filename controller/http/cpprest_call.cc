#include "http/cpprest_call.h"

#include <openssl/err.h>
#include <pplx/threadpool.h>

#include <utility>

#include "base/log.h"
#include "http/status_error.h"

namespace baton::http::cpprest {
namespace {

constexpr size_t kMostBody = size_t{256} << 20;  // bytes of an answer in one piece; lists are paged and far below

thread_local bool starting = false;  // this thread is in Starting's lifetime

class Inline final : public pplx::scheduler_interface {
 public:
  void schedule(pplx::TaskProc_t task, void* argument) override {
    if (!starting) return task(argument);
    crossplat::threadpool::shared_instance().service().post([task, argument] { task(argument); });
  }
};

struct AliveCount {
  Mutex mutex;
  CondVar fell;
  size_t calls GUARDED_BY(mutex) = 0;
};
AliveCount& aliveCount() {
  static AliveCount& count = *new AliveCount;  // calls may outlive main()
  return count;
}

std::string reasonOf(const web::http::http_exception& e, const Origin& origin) {
  const auto code = static_cast<unsigned long>(static_cast<unsigned>(e.error_code().value()));
  std::string reason = e.what();
  if (ERR_GET_LIB(code) != 0) {
    const char* words = ERR_reason_error_string(code);
    if (words != nullptr) reason += ": " + std::string(words);
    const std::string refusal = origin.refusals->read();
    if (reason.find("handshake") != std::string::npos && !refusal.empty()) reason += " (" + refusal + ")";
  } else if (code != 0 && code < 256) {
    reason += ": " + std::generic_category().message(static_cast<int>(code));
  }
  return reason;
}

// These are cpprestsdk's own to write.
bool ofTheConnection(std::string_view header) {
  const Headers one{{std::string(header), ""}};
  return find(one, "Content-Length") || find(one, "Transfer-Encoding") || find(one, "Connection");
}

}  // namespace

Timers& deadlines() {
  static Timers& timers = *new Timers;
  return timers;
}

Alive::Alive() {
  AliveCount& count = aliveCount();
  MutexLock l(count.mutex);
  ++count.calls;
}
Alive::~Alive() {
  AliveCount& count = aliveCount();
  MutexLock l(count.mutex);
  if (--count.calls == 0) count.fell.notifyAll();
}
void Alive::awaitNone(std::chrono::milliseconds most) {
  const Steady until = std::chrono::steady_clock::now() + most;
  AliveCount& count = aliveCount();
  MutexLock l(count.mutex);
  while (count.calls > 0 && std::chrono::steady_clock::now() < until) count.fell.waitUntil(count.mutex, until);
}

void guarded(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::exception& e) {
    log::error("a callback of the HTTP client threw an exception", {{"error", e.what()}});
  }
}

void onPool(std::function<void()> f) {
  crossplat::threadpool::shared_instance().service().post([f = std::move(f)] { guarded(f); });
}

Starting::Starting() { starting = true; }
Starting::~Starting() { starting = false; }

pplx::task_options inlined() {
  static const auto& scheduler = *new std::shared_ptr<pplx::scheduler_interface>(std::make_shared<Inline>());
  return pplx::task_options(pplx::scheduler_ptr(scheduler));
}

Result<web::http::http_request> outgoing(Request request) {
  if (!wellFormed(request.headers)) return invalid("a request header holds characters that it must not");
  if (!request.target.starts_with('/')) return invalid("the request target '" + request.target + "' is not a path");
  try {
    web::http::http_request out{web::http::method(name(request.method))};
    out.set_request_uri(web::uri(request.target));
    for (auto& [key, value] : request.headers) {
      if (!ofTheConnection(key)) out.headers().add(key, value);
    }
    if (!request.body.empty()) {
      const size_t length = request.body.size();
      const auto type = find(request.headers, "Content-Type").value_or("application/octet-stream");
      out.set_body(concurrency::streams::bytestream::open_istream(std::move(request.body)), length, std::string(type));
    }
    return out;
  } catch (const std::exception& e) {
    return invalid("the request target '" + request.target + "' cannot be sent: " + e.what());
  }
}

Headers headersOf(const web::http::http_headers& headers) {
  Headers out;
  out.reserve(headers.size());
  for (const auto& [key, value] : headers) out.emplace_back(key, value);
  return out;
}

Error errorOf(const std::exception_ptr& thrown, const std::string& what, const Origin& origin) {
  try {
    std::rethrow_exception(thrown);
  } catch (const web::http::http_exception& e) {
    if (e.error_code() == std::errc::operation_canceled) return cancelled(what + ": cancelled");
    if (e.error_code() == std::errc::timed_out) return timedOut(what + ": no answer in time");
    Error error = unavailable(what + ": " + reasonOf(e, origin));
    // The library reports ECONNREFUSED as EHOSTUNREACH.
    error.refused = e.error_code() == std::errc::host_unreachable || e.error_code() == std::errc::connection_refused;
    return error;
  } catch (const std::invalid_argument& e) {  // from the TLS settings
    return invalid(what + ": " + e.what());
  } catch (const std::exception& e) {
    return unavailable(what + ": " + e.what());
  }
}

Error impossibleChunk(const std::string& what) {
  return unavailable(what + ": the answer has an impossible chunk size");
}

void RequestCall::start(web::http::client::http_client& client, web::http::http_request request,
                        std::chrono::milliseconds timeout) {
  auto self = shared_from_this();
  deadline_ = deadlines().after(timeout, [weak = weak_from_this(), timeout] {
    if (auto call = weak.lock())
      call->abort(timedOut(call->what_ + ": no answer within " + std::to_string(timeout.count()) + " ms"));
  });
  request.set_response_stream(sink([self](std::string_view piece) { return self->append(piece); },
                                   [self](bool impossible) {
                                     if (impossible) self->abort(impossibleChunk(self->what_));
                                     self->source_.cancel();
                                   }));
  const Starting guard;
  // A task's exception must be looked at, else pplx ends the process: hence both continuations take tasks.
  client.request(request, source_.get_token())
      .then(
          [self](pplx::task<web::http::http_response> headers) {
            try {
              const web::http::http_response head = headers.get();
              head.content_ready().then(
                  [self, head](pplx::task<web::http::http_response> body) { self->completed(body, head); }, inlined());
            } catch (...) {
              self->finish(errorOf(std::current_exception(), self->what_, *self->origin_));
            }
          },
          inlined());
}

bool RequestCall::append(std::string_view piece) {
  tooLarge_ = piece.size() > kMostBody - body_.size();
  if (ended_ || tooLarge_) return false;
  body_.append(piece);
  return true;
}

void RequestCall::completed(const pplx::task<web::http::http_response>& body, const web::http::http_response& head) {
  try {
    body.get();
    if (tooLarge_) return finish(invalid(what_ + ": the answer is too large"));
    finish(Response{head.status_code(), headersOf(head.headers()), std::move(body_)});
  } catch (...) {
    finish(tooLarge_ ? invalid(what_ + ": the answer is too large")
                     : errorOf(std::current_exception(), what_, *origin_));
  }
}

void RequestCall::finish(Result<Response> result) {
  if (ended_.exchange(true)) return;
  deadlines().cancel(deadline_);
  guarded([done = std::move(done_), &result] { done(std::move(result)); });
}

void RequestCall::abort(Error error) {
  if (ended_.exchange(true)) return;
  // On the pool, as closing a connection waits for its other users.
  onPool([self = shared_from_this(), error = std::move(error)]() mutable {
    guarded([&] { self->source_.cancel(); });
    self->done_(std::move(error));
  });
}

void RequestCall::cancel() {
  deadlines().cancel(deadline_);
  abort(cancelled(what_ + ": cancelled"));
}

}  // namespace baton::http::cpprest
