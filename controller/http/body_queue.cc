#include "http/body_queue.h"

#include <algorithm>

namespace baton::http {
namespace {

constexpr size_t kPart = size_t{64} << 10;  // bytes, for each of which the time to write is allowed

}  // namespace

bool BodyQueue::send(std::string_view bytes) {
  bool taken = false;
  {
    MutexLock l(mutex_);
    if (ended_ || finished_) return false;
    taken = waiting_.size() - sent_ + bytes.size() <= limit_;
    if (taken)
      waiting_ += bytes;
    else
      ended_ = true;
  }
  wake_();
  return taken;
}

size_t BodyQueue::waiting() const {
  MutexLock l(mutex_);
  return waiting_.size() - sent_;
}

void BodyQueue::finish() {
  {
    MutexLock l(mutex_);
    finished_ = true;
  }
  wake_();
}

std::optional<std::string> BodyQueue::next() {
  MutexLock l(mutex_);
  if (ended_) return std::nullopt;
  const size_t size = std::min(kPart, waiting_.size() - sent_);
  if (size == 0 && finished_) return std::nullopt;
  std::string part = waiting_.substr(sent_, size);
  sent_ += size;
  if (sent_ == waiting_.size()) {
    std::string().swap(waiting_);  // a stream is idle most of its life
    sent_ = 0;
  }
  return part;
}

void BodyQueue::end() {
  MutexLock l(mutex_);
  ended_ = true;
  std::string().swap(waiting_);
  sent_ = 0;
}

}  // namespace baton::http
