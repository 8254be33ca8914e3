// What waits to be sent of a streamed body: from any thread in, on the connection's strand out.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "http/message.h"

namespace baton::http {

class BodyQueue final : public BodyStream {
 public:
  /// `limit`: bytes that may wait. `wake`: something is to be done on the connection's strand; called without the lock,
  /// from any thread.
  BodyQueue(size_t limit, std::function<void()> wake) : limit_(limit), wake_(std::move(wake)) {}

  bool send(std::shared_ptr<const std::string> bytes) override EXCLUDES(mutex_);
  size_t waiting() const override EXCLUDES(mutex_);
  void finish() override EXCLUDES(mutex_);

  /// What is to be sent next, a moderate part of what waits; empty: nothing waits. Nothing at all: the connection is to
  /// be ended.
  std::optional<std::string> next() EXCLUDES(mutex_);
  /// The connection has ended.
  void end() EXCLUDES(mutex_);

 private:
  void drop() REQUIRES(mutex_);

  const size_t limit_;
  const std::function<void()> wake_;
  mutable Mutex mutex_;
  std::deque<std::shared_ptr<const std::string>> texts_ GUARDED_BY(mutex_);
  size_t sent_ GUARDED_BY(mutex_) = 0;        // bytes of the first text that were handed out
  size_t waiting_ GUARDED_BY(mutex_) = 0;     // bytes
  bool finished_ GUARDED_BY(mutex_) = false;  // no more will come
  bool ended_ GUARDED_BY(mutex_) = false;     // the connection has ended, or has to
};

}  // namespace baton::http
