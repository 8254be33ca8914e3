// PURE: which Events (events.k8s.io/v1) are written, under which names, and when repetitions become a series.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ and client-go tools/events.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"

namespace baton::kube {

/// Which object an Event is about, as ObjectReference of core/v1.
struct ObjectReference {
  std::string apiVersion;  // "ha.baton.dev/v1alpha1"
  std::string kind;
  std::string ns;  // empty: not namespaced
  std::string name;
  std::string uid;
  std::string resourceVersion;
  bool operator==(const ObjectReference&) const = default;
};

enum class Severity { Normal, Warning };

/// One thing that happened.
struct Occurrence {
  ObjectReference regarding;
  Severity severity = Severity::Normal;
  std::string reason;  // one word, for machines; ≤ 128
  std::string action;  // what was done or tried, one word; ≤ 128
  std::string note;    // a sentence for a person; cut to 1024 bytes
  std::optional<ObjectReference> related;
  /// Names this occurrence among all of the object (such as "request-uid/phase"), so that telling of it again, after a
  /// crash too, is no second Event. Empty: each is a new one, or one more of a series.
  std::string dedupeKey;
  /// Goes before all that are not, and with the priority of a role change.
  bool urgent = false;
  Time time{};
};

struct EventSettings {
  std::string reportingController = "ha.baton.dev/baton-controller";
  std::string reportingInstance;
  std::chrono::seconds window{360};      // a repetition after a longer pause is a new Event
  std::chrono::seconds seriesPause{10};  // at least between two writes of one series
  int burst = 25;                        // tokens of an object: Events without dedupeKey cost one each
  std::chrono::seconds refill{300};      // for one token
  size_t remember = 4096;                // Events; also objects with tokens spent
};

/// One request to make.
struct EventWrite {
  enum class What { Create, Patch };
  What what = What::Create;
  std::string ns;
  std::string name;
  std::shared_ptr<const Occurrence> first;
  int64_t count = 1;  // of the series; 1: no series
  Time last{};        // when it happened last
};

/// Not safe for threads.
class EventSeries {
 public:
  explicit EventSeries(EventSettings settings) : settings_(std::move(settings)) {}

  /// What to write for it now; nothing when it is known, waits for due(), or the object has spent its tokens.
  std::optional<EventWrite> add(Occurrence occurrence, Steady now);
  /// Series that grew since their last write and may be written again; all of them when `now` is nothing.
  std::vector<EventWrite> due(std::optional<Steady> now);
  /// When due() next has something; nothing: no series waits.
  std::optional<Steady> nextDue() const;
  /// Occurrences left out for want of tokens.
  uint64_t limited() const { return limited_; }

 private:
  struct Known {
    std::string key;
    std::shared_ptr<const Occurrence> first;
    std::string name;
    int64_t count = 1;
    int64_t written = 1;
    bool grown = false;  // waits for its pause to be over
    Time last{};
    Steady lastSeen{};
    Steady lastWrite{};
  };
  struct Bucket {
    double tokens = 0;
    Steady at{};
  };
  bool spend(const ObjectReference& object, Steady now);
  void prune(Steady now);
  EventWrite write(Known& known, Steady now);

  const EventSettings settings_;
  std::list<Known> known_;  // the one seen longest ago first
  std::unordered_map<std::string, std::list<Known>::iterator> byKey_;
  std::unordered_map<std::string, Bucket> buckets_;  // by uid, or namespace/name without one
  uint64_t limited_ = 0;
  size_t grown_ = 0;  // series with occurrences that are not written yet
};

/// "name.0123456789abcdef", a valid object name whatever the length of `name`.
std::string eventName(std::string_view name, std::string_view hashed);
/// The whole Event for Create, its series for Patch (merge patch).
std::string eventBody(const EventWrite& write, const EventSettings& settings);

}  // namespace baton::kube
