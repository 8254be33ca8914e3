// Requests to the API server: typed errors, retries, priorities. Building a request is apart (request.h), so is the
// decision what to do with an answer (retry.h); this only sends.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "http/transport.h"

namespace baton::kube {

/// Order in which waiting requests are sent when all connections are busy. A Lease renewal never waits: it has
/// connections of its own.
enum class Lane { Lease, RoleChange, Normal, Event };

/// Acts with another account's rights:
/// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
struct Impersonation {
  std::string user;                                        // "jane", "system:serviceaccount:NAMESPACE:NAME"
  std::vector<std::string> groups;                         // Client::send takes one at most
  std::string uid;                                         // mostly empty
  std::vector<std::pair<std::string, std::string>> extra;  // key and value
};
/// With the groups that the account has, which the server knows.
Impersonation serviceAccount(const std::string& ns, const std::string& name);

struct ApiRequest {
  http::Method method = http::Method::Get;
  std::string target;       // "/api/v1/namespaces/x/pods/y?fieldManager=baton"
  std::string contentType;  // "application/merge-patch+json"; empty without a body
  std::string accept = "application/json";
  std::string body;
  Lane lane = Lane::Normal;
  std::optional<Impersonation> as;
  /// May it be sent again when it is not known whether the first one took effect? True for reads, for writes that
  /// carry a resourceVersion or a deterministic name; what a repetition finds then must be understood by the caller.
  bool idempotent = true;
  std::chrono::milliseconds timeout{30000};  // of one try
  /// Asked right before each try, after all waiting; false ends the request with Cancelled, unsent. Empty: true.
  std::function<bool()> stillWanted;
  int retries = 4;  // further tries, on 429 (after Retry-After), 5xx and lost connections
};

using Done = std::function<void(Result<http::Response>)>;

class Client {
 public:
  virtual ~Client() = default;
  /// `done` runs exactly once, on another thread, and must not block. A status of 400 or more comes as an Error whose
  /// kind and message are made from the server's Status object (reason, message, details.retryAfterSeconds).
  virtual void send(ApiRequest request, Done done) = 0;
  /// A long answer, such as a watch; not retried, not counted against the requests' limit.
  virtual http::CallHandle stream(ApiRequest request, http::StreamHandlers handlers) = 0;
  /// No further request is begun; those waiting or under way end with Cancelled, streams go on.
  virtual void shutDown() = 0;
  /// Requests that wait or are under way, until their `done` has returned.
  virtual size_t underWay() const { return 0; }
};

}  // namespace baton::kube
