#include "base/timers.h"

#include <utility>

namespace baton {

Timers::Timers() : thread_([this] { run(); }) {}

Timers::~Timers() { stop(); }

void Timers::stop() {
  Planned dropped;  // destroyed without the lock
  {
    MutexLock l(mutex_);
    stopping_ = true;
    dropped.swap(planned_);
    byId_.clear();
  }
  changed_.notifyAll();
  if (thread_.joinable()) thread_.join();
}

Timers::Id Timers::after(std::chrono::steady_clock::duration delay, std::function<void()> f) {
  return at(std::chrono::steady_clock::now() + delay, std::move(f));
}

Timers::Id Timers::at(Steady when, std::function<void()> f) {
  MutexLock l(mutex_);
  const Id id = next_++;
  if (stopping_) return id;
  const auto it = planned_.emplace(when, std::make_pair(id, std::move(f)));
  byId_.emplace(id, it);
  if (it == planned_.begin()) changed_.notifyAll();
  return id;
}

bool Timers::cancel(Id id) {
  std::function<void()> dropped;  // destroyed without the lock: it may own things whose destructors cancel timers
  MutexLock l(mutex_);
  const auto found = byId_.find(id);
  if (found == byId_.end()) return false;
  dropped = std::move(found->second->second.second);
  planned_.erase(found->second);
  byId_.erase(found);
  return true;
}

void Timers::run() {
  mutex_.lock();
  while (!stopping_) {
    if (planned_.empty()) {
      changed_.wait(mutex_);
      continue;
    }
    const auto first = planned_.begin();
    if (first->first > std::chrono::steady_clock::now()) {
      const Steady until = first->first;
      changed_.waitUntil(mutex_, until);
      continue;
    }
    auto f = std::move(first->second.second);
    byId_.erase(first->second.first);
    planned_.erase(first);
    mutex_.unlock();
    f();
    f = nullptr;
    mutex_.lock();
  }
  mutex_.unlock();
}

}  // namespace baton
