// Slows down who guesses passwords: each failure of a user from an address, and of the address alone, makes the next
// try wait longer; a success of that user forgives. PURE but for its memory; time is an argument. Not thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/time.h"

namespace baton::gateway {

class Attempts {
 public:
  /// So long must this try wait before it is looked at; nothing while failures are few.
  std::chrono::milliseconds delay(const std::string& user, const std::string& address, Steady now) const;
  void failed(const std::string& user, const std::string& address, Steady now);
  void succeeded(const std::string& user, const std::string& address);
  size_t remembered() const { return rows_.size(); }

 private:
  struct Row {
    int failures = 0;
    Steady last{};
  };
  static constexpr size_t kMostRows = 10000;
  static constexpr std::chrono::minutes kForgotten{10};
  std::chrono::milliseconds delayOf(const std::string& key, int free, Steady now) const;
  void add(const std::string& key, Steady now);

  std::map<std::string, Row> rows_;  // "user\naddress", "\naddress"
};

}  // namespace baton::gateway
