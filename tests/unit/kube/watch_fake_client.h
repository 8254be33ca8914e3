// A Client for tests: requests are answered by a function, streams are fed by the test. As with the real one, callbacks
// run on another thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kube/client.h"

namespace baton::kube {

/// Runs tasks in order on one thread; those still waiting at the end are run.
class FakeThread {
 public:
  FakeThread() : thread_([this] { run(); }) {}
  ~FakeThread() {
    post(nullptr);
    thread_.join();
  }
  void post(std::function<void()> task) {
    const std::lock_guard l(mutex_);
    tasks_.push_back(std::move(task));
    changed_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::function<void()> task;
      {
        std::unique_lock l(mutex_);
        changed_.wait(l, [this] { return !tasks_.empty(); });
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      if (!task) return;
      task();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  std::thread thread_;
};

/// A stream that a test feeds. After cancel(), or a data handler that says false, it ends with Cancelled.
class FakeStream : public http::Call, public std::enable_shared_from_this<FakeStream> {
 public:
  FakeStream(FakeThread& thread, ApiRequest r, http::StreamHandlers h)
      : request(std::move(r)), thread_(thread), handlers_(std::move(h)) {}

  void open() {
    thread_.post([self = shared_from_this()] {
      if (!self->ended_) self->handlers_.head({200, {}, {}});
    });
  }
  void data(const std::string& piece) {
    thread_.post([self = shared_from_this(), piece] {
      if (!self->ended_ && !self->handlers_.data(piece)) self->finish(cancelled("by the reader"));
    });
  }
  void end(Status how) {
    thread_.post([self = shared_from_this(), how] { self->finish(how); });
  }
  void cancel() override { end(cancelled("by the caller")); }

  const ApiRequest request;

 private:
  void finish(Status how) {
    if (!std::exchange(ended_, true)) std::exchange(handlers_, {}).done(std::move(how));
  }
  FakeThread& thread_;
  http::StreamHandlers handlers_;
  bool ended_ = false;  // the thread's own
};

class FakeClient final : public Client {
 public:
  using Answer = std::function<Result<http::Response>(const ApiRequest&)>;

  /// Runs on the fake's thread.
  explicit FakeClient(Answer answer = {}) : answer_(std::move(answer)) {}

  void send(ApiRequest request, Done done) override {
    thread_.post([this, request = std::move(request), done = std::move(done)] { done(answer_(request)); });
  }
  http::CallHandle stream(ApiRequest request, http::StreamHandlers handlers) override {
    auto s = std::make_shared<FakeStream>(thread_, std::move(request), std::move(handlers));
    const std::lock_guard l(mutex_);
    streams_.push_back(s);
    changed_.notify_all();
    return s;
  }
  void shutDown() override {}

  /// Waits for the stream of that number, from 0.
  std::shared_ptr<FakeStream> waitForStream(size_t number) {
    std::unique_lock l(mutex_);
    if (!changed_.wait_for(l, std::chrono::seconds(20), [&] { return streams_.size() > number; })) return nullptr;
    return streams_[number];
  }
  /// Waits until all that was posted before has run.
  void drain() {
    std::mutex m;
    std::condition_variable c;
    bool ran = false;
    thread_.post([&] {
      const std::lock_guard l(m);
      ran = true;
      c.notify_one();
    });
    std::unique_lock l(m);
    c.wait(l, [&] { return ran; });
  }

 private:
  Answer answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<FakeStream>> streams_;
  FakeThread thread_;  // last: its tasks use the others
};

inline http::Response jsonAnswer(std::string body, int status = 200) { return {status, {}, std::move(body)}; }

/// Tries until it is true, for at most 20 s.
template <class F>
bool eventually(F&& f) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!f()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace baton::kube
