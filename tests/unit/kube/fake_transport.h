// A server that answers when the test says so.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "http/transport.h"

namespace baton::kube {

class FakeTransport : public http::Transport {
 public:
  struct Call : http::Call {
    std::function<void()> onCancel;
    bool cancelled = false;
    void cancel() override {
      cancelled = true;
      if (onCancel) std::exchange(onCancel, nullptr)();
    }
  };
  struct Sent {
    http::Request request;
    std::function<void(Result<http::Response>)> done;
  };
  struct Streamed {
    http::Request request;
    http::StreamHandlers handlers;
    std::shared_ptr<Call> call;
  };

  http::CallHandle send(http::Request request, std::function<void(Result<http::Response>)> done) override {
    std::lock_guard l(mutex);
    ++total;
    sent.push_back({std::move(request), std::move(done)});
    return std::make_shared<Call>();
  }
  http::CallHandle stream(http::Request request, http::StreamHandlers handlers) override {
    auto call = std::make_shared<Call>();
    streams.push_back({std::move(request), std::move(handlers), call});
    return call;
  }

  /// The oldest request that has no answer yet. Throws when there is none.
  Sent take() {
    std::lock_guard l(mutex);
    Sent first = std::move(sent.at(0));
    sent.pop_front();
    return first;
  }
  bool tryTake(Sent& into) {
    std::lock_guard l(mutex);
    if (sent.empty()) return false;
    into = std::move(sent.front());
    sent.pop_front();
    return true;
  }
  void answer(int status, const std::string& body = {}, http::Headers headers = {}) {
    take().done(http::Response{status, std::move(headers), body});
  }
  void fail(Error error) { take().done(std::move(error)); }

  std::mutex mutex;
  std::deque<Sent> sent;  // not answered yet
  std::deque<Streamed> streams;
  int total = 0;
};

}  // namespace baton::kube
