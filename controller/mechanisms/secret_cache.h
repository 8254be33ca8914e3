// Headers out of Secrets, kept for a while: a probe that runs each second must not read its Secret each second.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "base/time.h"
#include "http/message.h"

namespace baton::mechanisms {

/// Safe from every thread. What is older than kKept is read anew; so a Secret that was changed counts by then, or as
/// soon as a pod turns the old values away.
class SecretCache {
 public:
  static constexpr std::chrono::seconds kKept{30};

  std::optional<http::Headers> find(const std::string& key, Steady now) const;
  void keep(const std::string& key, http::Headers headers, Steady now);
  void drop(const std::string& key);

 private:
  struct Entry {
    http::Headers headers;
    Steady read{};
  };
  mutable Mutex mutex_;
  std::map<std::string, Entry> entries_ GUARDED_BY(mutex_);
};

}  // namespace baton::mechanisms
