// A signed call that changes something is taken by one replica only, and not again after a restart: before anything
// else it leaves a Lease in the controller's namespace whose name is made of its nonce; who finds it there already has
// a replay before him. https://kubernetes.io/docs/concepts/architecture/leases/
//
// Who owns what: the Lease is nobody's once it is made; any replica removes those of signatures that are too old to be
// taken anyway. What fails: without the API server no signed call is taken.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/timers.h"
#include "kube/client.h"

namespace baton::gateway {

class NonceClaims {
 public:
  /// All must outlive it and every claim under way. ns: where the Leases are made.
  NonceClaims(kube::Client& client, Timers& timers, const Clock& clock, std::string ns, std::string holder)
      : client_(client), timers_(timers), clock_(clock), ns_(std::move(ns)), holder_(std::move(holder)) {}

  /// `done` gets whether it is the first with this nonce. An Error: the API server did not say; then it is not known,
  /// and the nonce may be used up.
  using Done = std::function<void(Result<bool> first)>;
  void claim(const std::string& nonce, std::chrono::milliseconds patience, const Done& done);
  /// Removes old ones from time to time, as long as `timers` run.
  void keepTidy();

 private:
  void sweep(const std::string& continueToken);
  /// What is left to be removed, and the rest of the list.
  struct Old {
    std::vector<std::pair<std::string, std::string>> leases;  // name and uid
    std::string continueToken;
  };
  void swept(const http::Response& page);
  void removeNext(const std::shared_ptr<Old>& old);

  kube::Client& client_;
  Timers& timers_;
  const Clock& clock_;
  const std::string ns_, holder_;
};

}  // namespace baton::gateway
