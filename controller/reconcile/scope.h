// One namespace, or all of them: its watches, its World, and the reconciler of its groups.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/timers.h"
#include "kube/client.h"
#include "kube/reflector.h"
#include "reconcile/group_reconciler.h"
#include "reconcile/world.h"

namespace baton::reconcile {

struct ScopeParts {
  kube::Client& client;
  Timers& timers;
  const Clock& clock;
  mechanisms::Mechanisms& mechanisms;
  kube::WorkQueue& queue;
  kube::Leadership& leadership;
  Announcer& announcer;
  Metrics& metrics;
  std::shared_ptr<ApiIndex> names;  // of all scopes
  bool multiTenant = false;
  bool othersMayLead = false;  // leader election is on
  Detector* detector = nullptr;
  Fleet* fleet = nullptr;
  /// Of the pauses of its watches; nothing: each has its own.
  std::optional<uint64_t> seed = std::nullopt;
};

class Scope {
 public:
  /// ns: empty for all namespaces. The parts must outlive it.
  Scope(std::string ns, ScopeParts parts);

  /// Begins to watch. Group and request before pods: so a pod finds its groups.
  void start();
  void stop();
  /// All that is needed for a decision has been told once.
  bool synced() const;
  /// How long nothing has been heard of groups or of pods, whichever is longer: what is known of roles is no older, but
  /// for a delay of the API server itself. While the watches work it stays below kHeard.
  std::chrono::duration<double> age() const;
  static constexpr std::chrono::seconds kHeard{30};
  /// What stands in the way of that, for a person; empty: nothing is known.
  std::string trouble() const;

  bool holds(const std::string& ns) const { return ns_.empty() || ns == ns_; }
  const std::string& ns() const { return ns_; }
  World& world() { return world_; }
  const World& world() const { return world_; }
  GroupReconciler& reconciler() { return *reconciler_; }

 private:
  struct Watch {
    std::string plural;
    std::unique_ptr<kube::ReflectorCore> reflector;
    bool optional = false;  // decisions can do without: zones and cordons, Services
    bool roles = false;     // who has which role comes from it
  };
  template <class T>
  void add(const kube::Resource& resource, bool namespaced, bool optional, kube::Decoder<T> decoder,
           kube::Sink<T> sink);

  const std::string ns_;
  const ScopeParts parts_;
  World world_;
  StatusWriter writer_;
  std::shared_ptr<GroupReconciler> reconciler_;
  std::vector<Watch> watches_;
};

/// The one that looks after that namespace; null: none does.
const Scope* scopeOf(const std::vector<std::unique_ptr<Scope>>& all, const std::string& ns);

}  // namespace baton::reconcile
