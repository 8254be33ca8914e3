// The way of a controller to the API server: an http::Transport whose messages are late, lost, doubled and overtake
// each other, as its machine's link says.
#pragma once

#include <memory>

#include "http/transport.h"
#include "sim/api_server.h"
#include "sim/machine.h"

namespace baton::sim {

class ApiTransport final : public http::Transport {
 public:
  /// `onSend` runs when a request leaves, `onWrite` when a write has left: the process may die by either.
  ApiTransport(ApiServer& server, Machine& machine, std::shared_ptr<Life> life,
               std::function<void(const http::Request&)> onSend, std::function<void()> onWrite)
      : server_(server),
        machine_(machine),
        life_(std::move(life)),
        onSend_(std::move(onSend)),
        onWrite_(std::move(onWrite)) {}

  http::CallHandle send(http::Request request, std::function<void(Result<http::Response>)> done) override;
  /// A watch.
  http::CallHandle stream(http::Request request, http::StreamHandlers handlers) override;

 private:
  ApiServer& server_;
  Machine& machine_;
  const std::shared_ptr<Life> life_;
  const std::function<void(const http::Request&)> onSend_;
  const std::function<void()> onWrite_;
};

}  // namespace baton::sim
