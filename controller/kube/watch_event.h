// What a list or a watch says, decoded: the values between a Decoder, a Reflector and a Store.
//
// A kind T that is watched has a member `meta` with ns, name, uid (strings) and resourceVersion (uint64_t; Kubernetes
// promises since 1.35 that it is a number and that numbers of one resource compare:
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::kube {

enum class EventType { Added, Modified, Deleted, Bookmark, Error };

template <class T>
using Object = std::shared_ptr<const T>;

/// What a watch event says apart from its object.
struct EventHead {
  EventType type = EventType::Bookmark;
  uint64_t resourceVersion = 0;   // of the object, or of the bookmark; 0 for Error
  bool initialEventsEnd = false;  // a bookmark with annotation k8s.io/initial-events-end: the streamed list is whole
  std::optional<Error> error;     // for Error: the Status object as kind, message, retryAfter and httpStatus (its code)
};

/// Which version of which object an event is about.
struct EventKey {
  std::string uid;
  uint64_t version = 0;
};

template <class T>
struct WatchEvent {
  EventHead head;
  Object<T> object;  // for Added, Modified and Deleted; else null
};

/// What one page of a list says apart from its items.
struct PageHead {
  uint64_t resourceVersion = 0;
  std::string continueToken;  // empty on the last page
};

template <class T>
struct ListPage {
  PageHead head;
  std::vector<Object<T>> items;
  std::vector<Error> skipped;  // items that could not be decoded, each message naming its object
};

/// Bytes to values. Both are called on transport threads, one at a time for one Reflector.
template <class T>
struct Decoder {
  /// One line of a watch. An error names the object; that event is then left out.
  std::function<Result<WatchEvent<T>>(std::string_view line)> decodeEvent;
  /// The whole body of a list answer, which is megabytes. An error only when it is no list at all.
  std::function<Result<ListPage<T>>(std::string body)> decodeList;
};

/// Where objects go. Called on transport threads, in the server's order, never two at once for one Reflector. Must not
/// block, and must not call stop() of the Reflector.
template <class T>
struct Sink {
  /// All there is, as of that version of the list: everything else no longer exists.
  std::function<void(std::vector<Object<T>> items, uint64_t version)> replace;
  /// Added, Modified or Deleted.
  std::function<void(EventType type, Object<T> object)> apply;
  /// Of an own write's event that has come: true when it is of the very version that the write was answered with, so
  /// that it need not be decoded. Both may be empty: every event is decoded.
  std::function<bool(const EventKey& key)> isOwnWrite = {};
  /// Is there an own write whose event has not come?
  std::function<bool()> awaitsOwnWrite = {};
};

}  // namespace baton::kube
