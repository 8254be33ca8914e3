// Of a pod what decides about roles: about 400 bytes instead of the 10 KB that the API server sends.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/meta.h"
#include "base/interned.h"
#include "base/result.h"

namespace baton::api {

struct ContainerPort {
  Interned name;
  int port = 0;
  bool operator==(const ContainerPort&) const = default;
};

struct Pod {
  Meta meta;
  std::vector<std::pair<Interned, Interned>> labels;
  std::string epochAnnotation;  // ha.baton.dev/epoch, "" when there is none
  Interned groupAnnotation;     // ha.baton.dev/group
  Interned node;                // "": not scheduled
  std::string ip;
  Interned firstContainer;
  Interned defaultContainer;         // kubectl.kubernetes.io/default-container, "" when there is none
  std::vector<ContainerPort> ports;  // named ones, of all containers
  std::optional<Time> readySince;    // when condition Ready became True; nothing while it is not
  int containerEnds = 0;             // how often one of its containers has ended, so far; each initial one does so once
  int endsWhenFollowed = -1;         // ha.baton.dev/container-ends; -1: none
  bool ready = false;                // condition Ready is True
  bool finished = false;             // phase Succeeded or Failed: no container runs any more
  bool killed = false;               // deleted with a grace period of 0: it is given no time to end

  /// Where a command without a container runs: as for kubectl exec, the annotated one, else the first.
  const std::string& commandContainer() const {
    return defaultContainer.get().empty() ? firstContainer.get() : defaultContainer.get();
  }
  /// nullptr when there is no such label.
  const std::string* label(std::string_view key) const;
};

/// Do they differ in anything that Baton acts on? The resourceVersion alone is not that.
bool sameToUs(const Pod& a, const Pod& b);

/// One line of a watch, or one object, decoded without building a tree of it.
struct PodEvent {
  std::string type;  // ADDED, MODIFIED, DELETED, BOOKMARK, ERROR
  Pod pod;
  bool initialEventsEnd = false;
  int errorCode = 0;         // of an ERROR
  std::string errorMessage;  // of an ERROR
};
Result<PodEvent> decodePodEvent(std::string_view line);

struct PodList {
  std::vector<Pod> items;
  uint64_t resourceVersion = 0;
  std::string continueToken;
};
Result<PodList> decodePodList(std::string body);

/// One pod, as a GET answers it.
Result<Pod> decodePod(std::string_view body);

/// The answer to a PATCH of metadata (PartialObjectMetadata): `pod` with its new labels, annotations and version.
Result<Pod> withMetadata(const Pod& pod, std::string_view partialObjectMetadata);

}  // namespace baton::api
