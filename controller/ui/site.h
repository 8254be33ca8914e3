// All that is served below /ui: the page, and what it rests on (docs/ui.md). Thread-safe.
//
// Who owns what: a Visit for each call, kept alive by whatever it waits for; Live for the streams. What fails: each
// step ends the Visit with an answer; a call is answered exactly once. Nothing here changes a pod: a switchover is a
// SwitchoverRequest, as it is for everybody.
#pragma once

#include <functional>
#include <string>

#include "base/time.h"
#include "base/timers.h"
#include "gateway/access.h"
#include "gateway/authenticator.h"
#include "http/server.h"
#include "kube/client.h"
#include "ui/live.h"
#include "ui/source.h"

namespace baton::ui {

struct SiteParts {
  // All must outlive the site and every call under way.
  kube::Client& client;
  const Source& source;
  gateway::Authenticator& authenticator;
  gateway::Access& access;
  Timers& timers;
  const Clock& clock;
  std::string version;                        // of the program
  std::function<std::string(size_t)> random;  // bytes
  /// May that user ask for one more change now? Too many are refused.
  std::function<bool(const std::string& user, double cost)> takes;
  /// This process is about to end: no request is made any more.
  std::function<bool()> stopping;
  /// Told of each answer: "ui"; HTTP status; seconds.
  std::function<void(std::string_view api, int status, double seconds)> answered;
  std::function<void(std::string_view api)> notProved;
};

class Site {
 public:
  explicit Site(SiteParts parts);
  /// Is it a call for this?
  static bool has(std::string_view target);
  /// For http::Server.
  void handle(http::Request request, const http::Peer& peer, http::Respond respond);
  Live& live() { return live_; }

 private:
  const SiteParts parts_;
  Live live_;
};

}  // namespace baton::ui
