#include "ui/site.h"

#include <utility>

#include "gateway/incoming.h"
#include "ui/visit.h"

namespace baton::ui {

Site::Site(SiteParts parts)
    : parts_(std::move(parts)),
      live_({parts_.source, parts_.access, parts_.authenticator, parts_.timers, parts_.clock, parts_.version}) {}

bool Site::has(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return path == "/ui" || path.starts_with("/ui/");
}

void Site::handle(http::Request request, const http::Peer& peer, http::Respond respond) {
  auto call = gateway::incoming(std::move(request), peer, parts_.random(16), parts_.clock.now());
  std::make_shared<Visit>(parts_, live_, std::move(call), peer.address, std::move(respond))->begin();
}

}  // namespace baton::ui
