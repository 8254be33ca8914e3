// Checks passwords against crypt(5) hashes, which takes tens of milliseconds on purpose: on a thread of its own, each
// network in its turn, and what was right is remembered for a while as a keyed hash, so that a client that sends its
// password with each call is served at once. Thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <map>
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

  /// Stands for this password of this user, as long as neither it nor its hash changes. Null: no such user.
  std::string keyOf(const User* user, const std::string& name, const std::string& password) const;
  /// Was it right a short time ago? Then for that time anew.
  bool remembers(const std::string& key);

  struct Check {
    std::string hash;      // crypt(5)
    bool decoy = false;    // there is no such user: it takes as long, and is wrong
    std::string password;  // as it was sent
    std::string key;       // keyOf
    std::string network;   // whose turn it is
  };
  /// `done` gets whether it is right, on this object's thread. Nothing, at once: too many are waiting.
  using Done = std::function<void(std::optional<bool> right)>;
  void check(Check check, Done done);
  size_t remembered() const;

 private:
  using Job = std::pair<Check, Done>;
  void work();
  Job next() REQUIRES(mutex_);
  void remember(const std::string& key) EXCLUDES(mutex_);

  const std::string secret_;  // of this process
  mutable Mutex mutex_;
  CondVar changed_;
  std::map<std::string, std::deque<Job>> jobs_ GUARDED_BY(mutex_);  // by network; none is empty
  std::string last_ GUARDED_BY(mutex_);                             // the network whose turn it was
  size_t waiting_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, Steady> right_ GUARDED_BY(mutex_);  // until when
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

/// Is this the password of that hash? crypt(3).
bool passwordMatches(const std::string& hash, const std::string& password);

}  // namespace baton::gateway
