// Slows down who guesses passwords: each try of a user from a network, and of the network alone, makes the next one
// wait longer until it has succeeded; with time tries are forgiven. PURE but for its memory; time is an argument. Not
// thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.h"

namespace baton::gateway {

class Attempts {
 public:
  /// A try begins, and counts as a failure as long as it has not succeeded: many at once gain nothing. The answer: so
  /// long must it wait before it is looked at. Nothing: of that network too many wait already; it does not begin. What
  /// others of his network do is not held against a user who has logged in from there within a day.
  std::optional<std::chrono::milliseconds> begin(const std::string& user, const std::string& network, Steady now);
  /// Each try that has begun ends once. Success forgives the user's failures from there.
  enum class End { Failed, Succeeded, NotLookedAt };
  void ended(const std::string& user, const std::string& network, End end, Steady now);
  /// Has logged in from there within a day.
  bool known(const std::string& user, const std::string& network, Steady now) const;
  size_t remembered() const { return rows_.size(); }

 private:
  struct Kind {
    double free;                      // so many failures cost nothing
    std::chrono::milliseconds most;   // the longest wait
    std::chrono::seconds forgiveOne;  // one failure is forgiven in that time
  };
  struct Row {
    double failures = 0;
    int waiting = 0;  // tries that have begun and not ended
    Steady last{};
    std::optional<Steady> succeeded;
  };
  static constexpr size_t kMostRows = 10000;
  static const Kind kOfUser, kOfNetwork;

  Row& row(const std::string& key, const Kind& kind, Steady now);
  static std::chrono::milliseconds delayOf(const Row& row, const Kind& kind);
  void makeRoom();

  std::unordered_map<std::string, Row> rows_;  // by digests, so of equal size whatever was sent
};

}  // namespace baton::gateway
