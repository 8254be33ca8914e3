// What requests and streams of one API client share: credentials, transports, the observer. Internal to the client.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "kube/api_client.h"

namespace baton::kube {

class ClientCore {
 public:
  enum class Use { Requests, Streams, Lease };

  explicit ClientCore(ApiClientOptions options);

  const ApiClientOptions& options() const { return options_; }
  Steady now() const { return options_.clock->steady(); }
  double random();
  /// Runs f soon on another thread, for callers that must not be called back before they return.
  void soon(std::function<void()> f) { options_.after(std::chrono::steady_clock::duration::zero(), std::move(f)); }
  void observe(http::Method method, int status, Steady started);

  /// A transport, and which generation it is of: see renew().
  std::pair<std::shared_ptr<http::Transport>, uint64_t> transport(Use use) EXCLUDES(mutex_);

  /// The request as it goes out. Invalid when its headers can't.
  Result<http::Request> wire(const ApiRequest& request, const Credential& credential) const;

  /// After a 401 to that credential on a transport of that generation: may another try go better?
  bool renew(const Credential& credential, uint64_t generation) EXCLUDES(mutex_);

 private:
  struct Transports {
    std::shared_ptr<http::Transport> requests, streams, lease;
  };
  Transports connectAll() const;

  const ApiClientOptions options_;
  Mutex mutex_;
  Transports transports_ GUARDED_BY(mutex_);
  uint64_t generation_ GUARDED_BY(mutex_) = 0;
  std::optional<Steady> lastRenewal_ GUARDED_BY(mutex_);
};

/// A stream under way; see Client::stream.
http::CallHandle beginStream(const std::shared_ptr<ClientCore>& core, ApiRequest request,
                             http::StreamHandlers handlers);

}  // namespace baton::kube
