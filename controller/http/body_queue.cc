#include "http/body_queue.h"

#include <algorithm>

namespace baton::http {
namespace {

constexpr size_t kPart = size_t{64} << 10;  // bytes, for each of which the time to write is allowed

}  // namespace

void BodyQueue::drop() {
  texts_.clear();
  sent_ = waiting_ = 0;
}

bool BodyQueue::send(std::shared_ptr<const std::string> bytes) {
  bool taken = false;
  {
    MutexLock l(mutex_);
    if (ended_ || finished_) return false;
    if (bytes->empty()) return true;
    taken = waiting_ + bytes->size() <= limit_;
    if (taken) {
      waiting_ += bytes->size();
      texts_.push_back(std::move(bytes));
    } else {
      ended_ = true;
      drop();
    }
  }
  wake_();
  return taken;
}

size_t BodyQueue::waiting() const {
  MutexLock l(mutex_);
  return waiting_;
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
  if (ended_ || (texts_.empty() && finished_)) return std::nullopt;
  std::string part;
  while (!texts_.empty() && part.size() < kPart) {
    const std::string& first = *texts_.front();
    const size_t size = std::min(kPart - part.size(), first.size() - sent_);
    part.append(first, sent_, size);
    sent_ += size;
    if (sent_ < first.size()) break;
    texts_.pop_front();
    sent_ = 0;
  }
  waiting_ -= part.size();
  return part;
}

void BodyQueue::end() {
  MutexLock l(mutex_);
  ended_ = true;
  drop();
}

}  // namespace baton::http
