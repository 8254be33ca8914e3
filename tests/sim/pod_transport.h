// The way of a controller to a pod's HTTP hooks: calls that are late, lost, doubled, or arrive long after nobody waits
// for them any more.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/transport.h"
#include "sim/cluster.h"
#include "sim/evidence.h"
#include "sim/machine.h"

namespace baton::sim {

/// Whoever looks on: what leaves, and how the detector's calls end.
struct PodObserver {
  std::function<void(const std::string& ip, const std::string& path, const std::string& body)> sent;
  std::function<void(const EndedCall&)> ended;
};

class PodTransport final : public http::Transport {
 public:
  /// url: "http://10.0.0.5:8080"
  PodTransport(const std::string& url, Cluster& cluster, Machine& machine, std::shared_ptr<Life> life,
               const PodObserver& observer);

  /// Hooks are streams alone.
  http::CallHandle send(http::Request request, std::function<void(Result<http::Response>)> done) override;
  http::CallHandle stream(http::Request request, http::StreamHandlers handlers) override;

 private:
  const std::string ip_;
  Cluster& cluster_;
  Machine& machine_;
  const std::shared_ptr<Life> life_;
  const PodObserver& observer_;
};

}  // namespace baton::sim
