// Transports to many servers that come and go: HTTP hooks are calls to pods, and each pod is a host of its own.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "base/time.h"
#include "http/transport.h"

namespace baton::http {

/// Keeps one transport for each server and TLS setting, at most `most`, and drops those unused for `idle` (looked at
/// on each get). Dropping one closes its idle connections; calls under way end as they would have. Safe from every
/// thread.
class HostTransports {
 public:
  struct Options {
    size_t most = 16384;  // each member of each group that is probed has one; closed again when it is idle
    std::chrono::seconds idle{60};
    const Clock* clock = &Clock::real();
    std::function<std::shared_ptr<Transport>(TransportOptions)> make = makeTransport;
  };

  HostTransports() : HostTransports(Options{}) {}
  explicit HostTransports(Options options) : options_(std::move(options)) {}

  /// Not to be kept for long: that would keep its connections too.
  std::shared_ptr<Transport> get(const std::string& url, const Tls& tls = {});
  size_t size() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<Transport> transport;
    Steady used;
  };
  using Entries = std::list<Entry>;
  void expire(Steady now, Entries& dropped) REQUIRES(mutex_);

  const Options options_;
  mutable Mutex mutex_;
  Entries entries_ GUARDED_BY(mutex_);  // newest use first
  std::unordered_map<std::string, Entries::iterator> byKey_ GUARDED_BY(mutex_);
};

}  // namespace baton::http
