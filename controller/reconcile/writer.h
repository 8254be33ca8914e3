// Stores statuses: merge patches of the status subresource, with the version that the decision was made from as
// precondition. What comes back goes into the World before anybody is told.
#pragma once

#include <functional>
#include <memory>

#include "api/hagroup.h"
#include "api/switchover.h"
#include "kube/client.h"
#include "kube/request.h"
#include "reconcile/world.h"

namespace baton::reconcile {

class StatusWriter {
 public:
  /// Both must outlive it and every request that it sent.
  /// mayWrite is asked right before each try; empty: always.
  StatusWriter(kube::Client& client, World& world, std::function<bool()> mayWrite = {})
      : client_(client), world_(world), mayWrite_(std::move(mayWrite)) {}

  using GroupDone = std::function<void(Result<std::shared_ptr<const api::HaGroup>>)>;
  using RequestDone = std::function<void(Result<std::shared_ptr<const api::SwitchoverRequest>>)>;

  /// A write whose answer was lost, and that turns out to be stored, has succeeded.
  /// Error::Kind::Conflict: it has changed since; by then the World has the newer one. When that could not be read, its
  /// error instead.
  void write(const api::HaGroup& before, const api::HaGroupStatus& status, kube::Lane lane, GroupDone done);
  void write(const api::SwitchoverRequest& before, const api::SwitchoverStatus& status, kube::Lane lane,
             RequestDone done);
  /// Asks the API server whether it is still as we know it. Conflict: not so; by then the World has the newer one.
  void confirm(const api::HaGroup& known, std::function<void(Status)> done);
  void confirm(const api::SwitchoverRequest& known, std::function<void(Status)> done);
  /// Asks whether we know all pods that the group may have, as they are. Conflict: not so; by then the World does.
  void confirmPods(const api::HaGroup& group, std::function<void(Status)> done);
  /// Asks whether we know all requests of the group that have not ended, as they are. Conflict: as above.
  void confirmRequests(const api::HaGroup& group, std::function<void(Status)> done);
  /// Asks whether it is really not there (`uid`: that very one; empty: any of that name). Conflict: it is; by then the
  /// World has it.
  void confirmNoGroup(const std::string& ns, const std::string& name, std::function<void(Status)> done);
  void confirmNoRequest(const std::string& ns, const std::string& name, const std::string& uid,
                        std::function<void(Status)> done);
  /// Asks whether the pod is still as the World knows it, or gone. Conflict: not so; by then the World has the newer
  /// one.
  void confirmPod(const std::string& ns, const std::string& name, std::function<void(Status)> done);
  /// Makes a SwitchoverRequest; by then the World has it.
  void create(const std::string& ns, std::string body, std::function<void(Status)> done);
  /// Deletes that very request; one that is gone is deleted.
  void remove(const api::SwitchoverRequest& r, std::function<void(Status)> done);

 private:
  template <class T>
  void send(const kube::Resource& resource, const T& before, const api::Json& wanted, kube::Lane lane,
            std::function<T(const api::Json&)> fromJson, std::function<void(Result<std::shared_ptr<const T>>)> done);
  template <class T>
  void read(const kube::Resource& resource, const api::Meta& meta, std::function<T(const api::Json&)> fromJson,
            std::function<void(Result<std::shared_ptr<const T>>)> then);
  template <class T>
  void compare(const kube::Resource& resource, const T& known, std::function<T(const api::Json&)> fromJson,
               std::function<void(Status)> done);

  template <class T>
  void absent(const kube::Resource& resource, const api::Meta& meta, std::function<T(const api::Json&)> fromJson,
              std::function<void(Status)> done);

  kube::Client& client_;
  World& world_;
  const std::function<bool()> mayWrite_;
};

}  // namespace baton::reconcile
