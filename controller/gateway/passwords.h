// Checks passwords against crypt(5) hashes, which takes tens of milliseconds on purpose: on a thread of its own, and
// what was right is remembered for a while as a keyed hash, so that a client that sends its password with each call is
// served at once. Thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/mutex.h"
#include "base/time.h"
#include "gateway/credentials.h"

namespace baton::gateway {

class Passwords {
 public:
  Passwords();
  ~Passwords() { stop(); }
  /// Waits for the check that is running; those waiting end as wrong, later ones are not taken. May be called again.
  void stop();
  Passwords(const Passwords&) = delete;
  Passwords& operator=(const Passwords&) = delete;

  /// `done` gets whether it is right: at once when that is remembered, else on this object's thread. For a user that
  /// does not exist (null) it takes as long as for one who does. Nothing: too many are waiting.
  using Done = std::function<void(std::optional<bool> right)>;
  void check(std::shared_ptr<const User> user, const std::string& password, Done done);
  size_t remembered() const;

 private:
  struct Job {
    std::shared_ptr<const User> user;
    std::string password, key;
    Done done;
  };
  std::string keyOf(const User& user, const std::string& password) const;
  void work();
  bool matches(const Job& job) const;
  void remember(const std::string& key) EXCLUDES(mutex_);

  const std::string secret_;  // of this process
  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<Job> jobs_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, Steady> right_ GUARDED_BY(mutex_);  // until when
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

/// Is this the password of that hash? crypt(3).
bool passwordMatches(const std::string& hash, const std::string& password);

}  // namespace baton::gateway
