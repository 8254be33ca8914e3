#include "kube/work_queue.h"

#include <algorithm>

namespace baton::kube {
namespace {

double seconds(Steady::duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

void WorkQueue::add(const std::string& key) {
  MutexLock l(mutex_);
  if (shutDown_) return;
  const Steady t = now();
  takeDue(t);  // what was due before comes first
  enqueue(key, t);
}

/// Into the queue, unless it waits there; while it is worked on, remembered for done().
void WorkQueue::enqueue(const std::string& key, Steady since) {
  Key& k = keys_[key];
  if (k.waiting || (k.working && k.again)) return;
  if (options_.metrics) options_.metrics->added();
  if (k.working) {
    k.again = true;
    return;
  }
  k.waiting = true;
  k.since = since;
  queue_.push_back(key);
  reportDepth();
  changed_.notifyOne();
}

void WorkQueue::addAfter(const std::string& key, std::chrono::steady_clock::duration pause) {
  if (pause <= pause.zero()) return add(key);
  MutexLock l(mutex_);
  if (!shutDown_) delay(key, now() + pause);
}

void WorkQueue::delay(const std::string& key, Steady until) {
  Key& k = keys_[key];
  if (k.delayed && *k.delayed <= until) return;
  if (k.delayed) {
    auto [first, last] = delayed_.equal_range(*k.delayed);
    delayed_.erase(std::find_if(first, last, [&](const auto& d) { return d.second == key; }));
  }
  k.delayed = until;
  const auto it = delayed_.emplace(until, key);
  if (it == delayed_.begin()) changed_.notifyOne();  // one of get() has to wait less long
}

void WorkQueue::addRateLimited(const std::string& key) {
  MutexLock l(mutex_);
  if (shutDown_) return;
  Key& k = keys_[key];
  const int doublings = std::min(k.failures++, 30);
  const auto whole = std::min<int64_t>(options_.backOffMost.count(), options_.backOffLeast.count() << doublings);
  const double part = std::uniform_real_distribution<double>(0.5, 1)(random_);
  if (options_.metrics) options_.metrics->retried();
  delay(key, now() + std::chrono::microseconds(static_cast<int64_t>(static_cast<double>(whole) * 1000 * part)));
}

void WorkQueue::forget(const std::string& key) {
  MutexLock l(mutex_);
  const auto found = keys_.find(key);
  if (found == keys_.end()) return;
  found->second.failures = 0;
  forgetIdle(key);
}

int WorkQueue::retries(const std::string& key) const {
  MutexLock l(mutex_);
  const auto found = keys_.find(key);
  return found == keys_.end() ? 0 : found->second.failures;
}

/// Delayed keys whose time has come.
void WorkQueue::takeDue(Steady t) {
  while (!delayed_.empty() && delayed_.begin()->first <= t) {
    const auto due = delayed_.extract(delayed_.begin());
    keys_[due.mapped()].delayed.reset();
    enqueue(due.mapped(), due.key());
  }
}

std::optional<std::string> WorkQueue::get() {
  MutexLock l(mutex_);
  while (!shutDown_) {
    const Steady t = now();
    takeDue(t);
    if (queue_.empty()) {
      if (delayed_.empty()) {
        changed_.wait(mutex_);
      } else {
        const Steady until = delayed_.begin()->first;
        changed_.waitUntil(mutex_, until);
      }
      continue;
    }
    std::string key = takeFirst(t);
    // A worker that waits for a delayed key may have slept through the notice for this one.
    if (!queue_.empty() || !delayed_.empty()) changed_.notifyOne();
    return key;
  }
  return std::nullopt;
}

std::string WorkQueue::takeFirst(Steady t) {
  std::string key = std::move(queue_.front());
  queue_.pop_front();
  Key& k = keys_[key];
  if (options_.metrics) options_.metrics->queued(seconds(t - k.since));
  reportDepth();
  k.waiting = false;
  k.working = true;
  k.since = t;
  return key;
}

std::optional<std::string> WorkQueue::poll() {
  MutexLock l(mutex_);
  if (shutDown_) return std::nullopt;
  const Steady t = now();
  takeDue(t);
  if (queue_.empty()) return std::nullopt;
  return takeFirst(t);
}

std::optional<Steady> WorkQueue::due() const {
  MutexLock l(mutex_);
  if (shutDown_ || (queue_.empty() && delayed_.empty())) return std::nullopt;
  return queue_.empty() ? delayed_.begin()->first : now();
}

void WorkQueue::done(const std::string& key) {
  MutexLock l(mutex_);
  const auto found = keys_.find(key);
  if (found == keys_.end() || !found->second.working) return;
  Key& k = found->second;
  const Steady t = now();
  if (options_.metrics) options_.metrics->worked(seconds(t - k.since));
  k.working = false;
  if (k.again && !shutDown_) {
    k.again = false;
    k.waiting = true;
    k.since = t;
    queue_.push_back(key);
    reportDepth();
    changed_.notifyOne();
  }
  forgetIdle(key);
}

void WorkQueue::forgetIdle(const std::string& key) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return;
  const Key& k = found->second;
  if (!k.waiting && !k.working && !k.delayed && k.failures == 0) keys_.erase(found);
}

void WorkQueue::shutDown() {
  MutexLock l(mutex_);
  shutDown_ = true;
  changed_.notifyAll();
}

bool WorkQueue::shuttingDown() const {
  MutexLock l(mutex_);
  return shutDown_;
}

size_t WorkQueue::depth() const {
  MutexLock l(mutex_);
  return queue_.size();
}

void WorkQueue::reportDepth() {
  if (options_.metrics) options_.metrics->depth(queue_.size());
}

}  // namespace baton::kube
