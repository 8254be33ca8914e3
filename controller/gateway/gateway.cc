#include "gateway/gateway.h"

#include "base/log.h"
#include "gateway/exchange.h"
#include "gateway/incoming.h"
#include "gateway/openapi.h"

namespace baton::gateway {

void Gateway::handle(http::Request request, const http::Peer& peer, http::Respond respond) {
  facades::Call call = incoming(std::move(request), peer, options_.random(16), options_.clock.now());
  if (auto description = openApiAnswer(call)) {
    log::info("API call", {{"api", "openapi"},
                           {"method", http::name(call.method)},
                           {"path", call.path},
                           {"from", peer.address},
                           {"status", description->status},
                           {"id", call.id}});
    if (options_.answered) options_.answered("openapi", description->status, 0);
    return respond(std::move(*description));
  }
  const auto exchange = std::make_shared<Exchange>(options_, std::move(call), peer.address, std::move(respond));
  exchange->begin();
}

}  // namespace baton::gateway
