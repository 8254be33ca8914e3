#include "http/host_transports.h"

#include <utility>

namespace baton::http {
namespace {

// Lengths in front keep different settings from giving the same key.
std::string keyOf(const std::string& url, const Tls& tls) {
  std::string key;
  for (const std::string* part : {&url, &tls.ca, &tls.clientCert, &tls.clientKey, &tls.serverName})
    key += std::to_string(part->size()) + ":" + *part;
  key += tls.insecureSkipVerify ? '!' : '.';
  return key;
}

}  // namespace

std::shared_ptr<Transport> HostTransports::get(const std::string& url, const Tls& tls) {
  const std::string key = keyOf(url, tls);
  Entries dropped;  // destroyed after the lock is given back
  MutexLock l(mutex_);
  const Steady now = options_.clock->steady();
  const auto found = byKey_.find(key);
  if (found != byKey_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    found->second->used = now;
  } else {
    entries_.push_front({key, options_.make({url, [tls] { return tls; }}), now});
    byKey_[key] = entries_.begin();
  }
  expire(now, dropped);
  return entries_.front().transport;
}

void HostTransports::expire(Steady now, Entries& dropped) {
  while (entries_.size() > 1 && (entries_.size() > options_.most || now - entries_.back().used >= options_.idle)) {
    byKey_.erase(entries_.back().key);
    dropped.splice(dropped.begin(), entries_, std::prev(entries_.end()));
  }
}

size_t HostTransports::size() const {
  MutexLock l(mutex_);
  return entries_.size();
}

}  // namespace baton::http
