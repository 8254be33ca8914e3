// The API server as far as Baton uses one: objects with versions, merge patches with preconditions, lists, watches with
// a history that is cut off, graceful deletion. It answers at once; what happens on the way is the transports' part.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/json.h"
#include "http/message.h"
#include "sim/scheduler.h"

namespace baton::sim {

using api::Json;
using Line = std::shared_ptr<const std::string>;

inline constexpr const char* kNamespace = "sim";

/// One write that changed something.
struct Change {
  const std::string& plural;
  const std::string& name;
  const Json& before;  // null: it was made
  const Json& after;   // null: it was removed
  const std::string& who;
};

class ApiServer {
 public:
  explicit ApiServer(const Scheduler& scheduler) : scheduler_(scheduler) {}

  /// Called after each change, in their order.
  void onChange(std::function<void(const Change&)> f) { observers_.push_back(std::move(f)); }
  /// Asked to delete a pod, which takes its node to be done.
  void onPodDeletion(std::function<void(const std::string& name)> f) { podDeletion_ = std::move(f); }
  /// The answer to a list of EndpointSlices.
  void endpoints(std::function<Json()> f) { endpoints_ = std::move(f); }

  http::Response handle(const http::Request& request, const std::string& who);

  // Watches.
  using Tell = std::function<void(const Line&)>;
  /// Everything after that version is told, at once and from now on; 0: the history does not reach back so far.
  uint64_t watch(const std::string& plural, uint64_t version, Tell tell);
  void unwatch(uint64_t id) { watches_.erase(id); }
  /// Forgets the history, so that who was away has to list anew.
  void compact();
  uint64_t version() const { return version_; }

  // Others than Baton: people, kubelets, controllers.
  void put(const std::string& plural, Json object, const std::string& who);
  bool patch(const std::string& plural, const std::string& name, const Json& change, const std::string& who);
  bool patchStatus(const std::string& plural, const std::string& name, const Json& status, const std::string& who);
  void erase(const std::string& plural, const std::string& name, const std::string& who);
  /// Null when there is none; valid until the next change.
  const Json* get(const std::string& plural, const std::string& name) const;
  std::vector<std::string> names(const std::string& plural) const;

  /// Until then it answers 503 to everything.
  Micros downUntil = 0;

 private:
  struct Stored {
    Json json;
    std::string text;
  };
  struct Target {
    std::string plural, name, sub;
    std::map<std::string, std::string> query;
  };
  struct Watch {
    std::string plural;
    Tell tell;
  };
  struct Past {
    uint64_t version;
    Line line;
  };
  using Objects = std::map<std::string, Stored>;

  static Target parse(const std::string& target);
  http::Response list(const std::string& plural) const;
  http::Response create(const Target& t, const std::string& body, const std::string& who);
  http::Response patched(const Target& t, const std::string& body, const std::string& who);
  http::Response removed(const Target& t, const std::string& body, const std::string& who);
  /// Stores it in a new version and tells; `kind` is ADDED, MODIFIED or DELETED.
  const Stored& store(const std::string& plural, const std::string& name, Json object, const std::string& who);
  void change(const std::string& plural, Stored& stored, Json changed, const std::string& who);
  void tell(const std::string& plural, const char* kind, const std::string& text);
  void observe(const Change& change);

  const Scheduler& scheduler_;
  std::map<std::string, Objects> objects_;
  std::map<std::string, std::deque<Past>> history_;
  std::map<std::string, uint64_t> cutOff_;  // the history of that plural begins after this version
  std::map<uint64_t, Watch> watches_;
  uint64_t lastWatch_ = 0, version_ = 100, born_ = 0;
  std::vector<std::function<void(const Change&)>> observers_;
  std::function<void(const std::string&)> podDeletion_;
  std::function<Json()> endpoints_;
};

/// A Status object that says no.
http::Response refusal(int code, const std::string& reason, const std::string& message);

}  // namespace baton::sim
