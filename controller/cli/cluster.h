// The API server as a command sees it: one call after another, each waited for.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/json.h"
#include "base/result.h"
#include "base/timers.h"
#include "cli/options.h"
#include "kube/client.h"
#include "kube/config.h"
#include "kube/request.h"

namespace baton::cli {

class Cluster {
 public:
  static Result<std::unique_ptr<Cluster>> connect(const Options& o);
  ~Cluster();

  /// The namespace that is meant: -n, or the context's.
  const std::string& ns() const { return ns_; }

  /// The answer's object. Errors name what was asked for.
  Result<api::Json> get(const kube::Resource& r, const std::string& ns, const std::string& name);
  /// The list of all objects; they are its "items". Empty namespace: of all namespaces.
  Result<api::Json> list(const kube::Resource& r, const std::string& ns, const std::string& fieldSelector = {});
  /// The list of the group's requests.
  Result<api::Json> requestsOf(const std::string& group);
  Result<api::Json> create(const kube::Resource& r, const std::string& ns, const api::Json& body);
  Result<api::Json> patch(const kube::Resource& r, const std::string& ns, const std::string& name,
                          const api::Json& patch);

  kube::Client& client() { return *client_; }
  Timers& timers() { return timers_; }

 private:
  Cluster() = default;
  Result<std::string> send(kube::ApiRequest request);
  Result<api::Json> sendForObject(kube::ApiRequest request);

  Timers timers_;  // outlives the client
  std::shared_ptr<kube::Client> client_;
  std::string ns_;
};

}  // namespace baton::cli
