// What the gateway knows of the cluster: groups by the names that REST calls have for them, and SwitchoverRequests. By
// the watches, so on a replica that does not lead, too. An interface: the World is another layer's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/apis.h"
#include "api/switchover.h"
#include "facades/call.h"

namespace baton::gateway {

/// Safe from every thread; nothing blocks.
class Groups {
 public:
  virtual ~Groups() = default;
  /// All has been listed once.
  virtual bool ready() const = 0;
  /// What is known of roles in that namespace may be out of date, and for how long: nothing is heard of them.
  virtual std::optional<std::chrono::seconds> unheard(const std::string& ns) const = 0;
  /// The oldest group that has this name.
  virtual std::optional<facades::Group> find(const api::ApiIdentity& identity) const = 0;
  /// Some group has this id, under another path.
  virtual bool elsewhere(const api::ApiIdentity& identity) const = 0;

  struct Refusal {
    api::Reason reason = api::Reason::None;
    std::string message;
  };
  /// Why the core would refuse this now, as far as it can be told without asking the members. Busy: a change of roles
  /// is going on, or waits.
  virtual std::optional<Refusal> refusal(const std::string& ns, const std::string& group,
                                         const facades::Intent& intent) const = 0;

  using Request = std::shared_ptr<const api::SwitchoverRequest>;
  virtual Request request(const std::string& ns, const std::string& name) const = 0;
  virtual Request requestByUid(const std::string& uid) const = 0;
};

}  // namespace baton::gateway
