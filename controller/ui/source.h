// What the page knows of the cluster: groups and requests, by the watches, so on a replica that does not lead, too. An
// interface: the World is another layer's.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "api/hagroup.h"
#include "api/switchover.h"

namespace baton::ui {

using Group = std::shared_ptr<const api::HaGroup>;
using Request = std::shared_ptr<const api::SwitchoverRequest>;

/// Safe from every thread; nothing blocks.
class Source {
 public:
  virtual ~Source() = default;
  /// All has been listed once.
  virtual bool ready() const = 0;
  /// For how long nothing has been heard of some groups or their pods, when that is too long; else 0.
  virtual std::chrono::seconds unheard() const = 0;

  /// By namespace and name; positions and lag as of now where this replica asks the members itself.
  virtual std::vector<Group> groups() const = 0;
  virtual Group group(const std::string& ns, const std::string& name) const = 0;  // null: there is none
  /// Newest first.
  virtual std::vector<Request> requestsOf(const std::string& ns, const std::string& group) const = 0;
  virtual Request request(const std::string& ns, const std::string& name) const = 0;
};

}  // namespace baton::ui
