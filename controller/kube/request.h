// Requests to the API server as values: nothing here sends. The names of parameters are those of
// https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "kube/client.h"

namespace baton::kube {

/// Whom the server records as the writer of fields: https://kubernetes.io/docs/reference/using-api/server-side-apply/
inline constexpr const char* kFieldManager = "baton";

struct Resource {
  std::string group;    // "" is the core group
  std::string version;  // "v1"
  std::string plural;   // "pods"
};

namespace resources {
inline const Resource pods{"", "v1", "pods"};
inline const Resource nodes{"", "v1", "nodes"};
inline const Resource services{"", "v1", "services"};
inline const Resource secrets{"", "v1", "secrets"};
inline const Resource configMaps{"", "v1", "configmaps"};
inline const Resource namespaces{"", "v1", "namespaces"};
inline const Resource events{"events.k8s.io", "v1", "events"};
inline const Resource endpointSlices{"discovery.k8s.io", "v1", "endpointslices"};
inline const Resource leases{"coordination.k8s.io", "v1", "leases"};
inline const Resource haGroups{"ha.baton.dev", "v1alpha1", "hagroups"};
inline const Resource switchoverRequests{"ha.baton.dev", "v1alpha1", "switchoverrequests"};
}  // namespace resources

/// "/apis/GROUP/VERSION/namespaces/NS/PLURAL[/NAME[/SUBRESOURCE]]", each part percent-encoded. Empty ns: cluster
/// scope, or for a list and a watch all namespaces.
std::string path(const Resource& r, const std::string& ns, const std::string& name = {},
                 const std::string& subresource = {});

/// Lets the server send metadata alone (PartialObjectMetadata), for objects of which no more is needed:
/// https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
inline constexpr const char* kMetadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
inline constexpr const char* kMetadataOnlyList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

struct ListOptions {
  std::string labelSelector;
  std::string fieldSelector;
  int limit = 500;                   // items a page; 0: all at once
  std::string continueToken;         // of the page before; then resourceVersion must be empty
  std::string resourceVersion;       // empty: the newest; "0": any that the server has at hand
  std::string resourceVersionMatch;  // "Exact" | "NotOlderThan", only with resourceVersion
  bool metadataOnly = false;
};

struct WatchOptions {
  std::string labelSelector;
  std::string fieldSelector;
  std::string resourceVersion;
  /// The server ends the watch after this; choose it at random within 300-600 s so that watches don't end together.
  std::chrono::seconds timeout{300};
  /// First all objects as ADDED, then a bookmark annotated k8s.io/initial-events-end=true, then changes:
  /// https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
  bool sendInitialEvents = false;
  bool metadataOnly = false;
};

ApiRequest get(const Resource& r, const std::string& ns, const std::string& name);
ApiRequest list(const Resource& r, const std::string& ns, const ListOptions& options = {});
/// For Client::stream. Bookmarks are asked for; its `timeout` (longest silence) is 75 s, as a bookmark comes each
/// minute.
ApiRequest watch(const Resource& r, const std::string& ns, const WatchOptions& options);

/// Not idempotent; set `idempotent` where the name is deterministic and AlreadyExists is understood.
ApiRequest create(const Resource& r, const std::string& ns, std::string body);
/// PUT. Idempotent: the body should carry metadata.resourceVersion; a repetition after success finds a Conflict.
ApiRequest replace(const Resource& r, const std::string& ns, const std::string& name, std::string body,
                   const std::string& subresource = {});
/// RFC 7386. Idempotent.
ApiRequest mergePatch(const Resource& r, const std::string& ns, const std::string& name, std::string body,
                      const std::string& subresource = {});
/// RFC 6902. Not idempotent, as "add" to a list and "test" are not; set it where the patch is.
ApiRequest jsonPatch(const Resource& r, const std::string& ns, const std::string& name, std::string body,
                     const std::string& subresource = {});
/// Server-side apply; the body is JSON (which is YAML). Idempotent. force: take over fields that others own.
ApiRequest apply(const Resource& r, const std::string& ns, const std::string& name, std::string body, bool force,
                 const std::string& subresource = {});

struct DeleteOptions {
  std::string uid;              // Conflict when the object of that name is another one
  std::string resourceVersion;  // Conflict when it has changed
  std::optional<int> gracePeriodSeconds;
  std::string propagationPolicy;  // "Background" | "Foreground" | "Orphan"; empty: the resource's default
  bool dryRun = false;
};

/// Idempotent only with a uid: without, a repetition could delete a new object of the same name.
ApiRequest remove(const Resource& r, const std::string& ns, const std::string& name, const DeleteOptions& options = {});

struct ExecOptions {
  std::string container;  // empty: the pod's default container
  std::vector<std::string> command;
  bool standardOutput = true;
  bool standardError = true;
};

/// Path and query of the WebSocket to a process in a pod (pods/exec).
std::string execTarget(const std::string& ns, const std::string& pod, const ExecOptions& options);

}  // namespace baton::kube
