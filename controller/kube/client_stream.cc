// A long answer: asks for the credential, opens the stream, opens it once more after a 401, and turns refusals into
// typed errors.
#include <memory>
#include <utility>

#include "base/mutex.h"
#include "kube/client_core.h"
#include "kube/status_error.h"

namespace baton::kube {
namespace {

class StreamCall : public http::Call, public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(std::shared_ptr<ClientCore> core, ApiRequest request, http::StreamHandlers handlers)
      : core_(std::move(core)), request_(std::move(request)), handlers_(std::move(handlers)) {}

  void begin() {
    core_->options().authenticator->credential([self = shared_from_this()](Result<Credential> credential) {
      if (!credential) return self->fail(std::move(credential).error());
      self->open(std::move(credential).value());
    });
  }

  void cancel() override {
    http::CallHandle call;
    {
      MutexLock l(mutex_);
      cancelled_ = true;
      call = call_;
      if (!call && opening_) return;  // open() sees it
    }
    if (call) return call->cancel();
    fail(cancelled("the stream was ended before it began"));
  }

 private:
  void open(Credential credential) {
    auto request = core_->wire(request_, credential);
    if (!request) return fail(std::move(request).error());
    int mine = 0;
    {
      MutexLock l(mutex_);
      if (cancelled_) return;  // cancel() says so
      opening_ = true;
      mine = ++try_;
    }
    credential_ = std::move(credential);
    head_ = {};
    started_ = core_->now();
    const auto [transport, generation] = core_->transport(ClientCore::Use::Streams);
    generation_ = generation;
    auto call = transport->stream(std::move(*request), handlers());
    bool end = false;
    {
      MutexLock l(mutex_);
      if (try_ != mine) return;  // was answered 401 already, and the second try is on its way
      opening_ = false;
      if (!ended_) call_ = call;
      end = cancelled_;
    }
    if (end) call->cancel();
  }

  http::StreamHandlers handlers() {
    return {[self = shared_from_this()](const http::Response& head) { self->onHead(head); },
            [self = shared_from_this()](std::string_view piece) { return self->handlers_.data(piece); },
            [self = shared_from_this()](Status status) { self->onDone(std::move(status)); }};
  }

  void onHead(const http::Response& head) {
    head_ = head;
    core_->observe(request_.method, head.status, started_);
    if (head.status != 401 || again_) handlers_.head(head);
  }

  void onDone(Status status) {
    if (head_.status == 0) core_->observe(request_.method, 0, started_);
    if (!status && head_.status >= 300) status = statusError(head_.status, head_.headers, status.error().message);
    if (head_.status == 401 && !again_) {
      again_ = true;
      if (core_->renew(credential_, generation_) && reopen()) return;
      handlers_.head(head_);
    }
    finish(std::move(status));
  }

  bool reopen() {
    {
      MutexLock l(mutex_);
      if (cancelled_) return false;
      call_ = nullptr;
      opening_ = false;
    }
    begin();
    return true;
  }

  /// From places that may still be within the caller of stream() or cancel().
  void fail(Error error) {
    core_->soon([self = shared_from_this(), error = std::move(error)] { self->finish(error); });
  }

  void finish(Status status) {
    std::function<void(Status)> done;
    http::CallHandle call;  // let go without the lock; it holds us
    {
      MutexLock l(mutex_);
      if (std::exchange(ended_, true)) return;
      call = std::move(call_);
      call_ = nullptr;
    }
    done = std::move(handlers_.done);
    done(std::move(status));
  }

  const std::shared_ptr<ClientCore> core_;
  const ApiRequest request_;
  http::StreamHandlers handlers_;

  // Of the try under way; touched only by whoever opens it and by its callbacks, which come one after another.
  Credential credential_;
  uint64_t generation_ = 0;
  http::Response head_;
  Steady started_;
  bool again_ = false;  // this is the try after a 401

  Mutex mutex_;
  http::CallHandle call_ GUARDED_BY(mutex_);
  int try_ GUARDED_BY(mutex_) = 0;
  bool opening_ GUARDED_BY(mutex_) = false;
  bool cancelled_ GUARDED_BY(mutex_) = false;
  bool ended_ GUARDED_BY(mutex_) = false;
};

}  // namespace

http::CallHandle beginStream(const std::shared_ptr<ClientCore>& core, ApiRequest request,
                             http::StreamHandlers handlers) {
  auto call = std::make_shared<StreamCall>(core, std::move(request), std::move(handlers));
  call->begin();
  return call;
}

}  // namespace baton::kube
