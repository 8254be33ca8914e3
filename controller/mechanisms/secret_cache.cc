#include "mechanisms/secret_cache.h"

#include <utility>

namespace baton::mechanisms {

std::optional<http::Headers> SecretCache::find(const std::string& key, Steady now) const {
  MutexLock l(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || now - found->second.read >= kKept) return std::nullopt;
  return found->second.headers;
}

void SecretCache::keep(const std::string& key, http::Headers headers, Steady now) {
  MutexLock l(mutex_);
  std::erase_if(entries_, [&](const auto& e) { return now - e.second.read >= kKept; });
  entries_[key] = {std::move(headers), now};
}

void SecretCache::drop(const std::string& key) {
  MutexLock l(mutex_);
  entries_.erase(key);
}

}  // namespace baton::mechanisms
