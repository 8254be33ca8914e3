// All that a decision is made from: one group at one moment, as values. Made by the reconciler, the simulator, or a
// test; nothing here is read from anywhere else.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "api/hagroup.h"
#include "api/switchover.h"
#include "ha/effect.h"

namespace baton::ha {

/// What the role label of a pod says.
enum class Label { None, Primary, Standby, Other };

/// What the detector has seen of a member by its own calls. All empty when nobody asks.
struct Observation {
  bool answers = false;        // its newest call was answered
  bool silent = false;         // its newest call was not
  std::optional<Report> last;  // newest answer
  int64_t claims = 0;          // answers in a row that said primary; none asked for while roles were changing counts
  bool failed = false;         // by the rules of spec.detection: docs/failover.md
  std::string why;             // what failed last
};

struct Member {
  std::string name, uid, zone;
  Label label = Label::None;
  int64_t labelEpoch = -1;    // annotation ha.baton.dev/epoch; -1: none
  int ends = 0;               // how often one of its containers has ended
  int endsWhenFollowed = -1;  // the same when it was last told whom to follow; -1: not known
  bool ready = false;         // and neither terminating nor ended
  bool serving = false;       // its condition Ready is True; also while it has time to terminate
  std::optional<Time> readySince;
  bool nodeGone = false;  // its node is not there any more, or marked out of service: it surely does not run
  Observation seen;
  bool terminating = false;   // has a deletionTimestamp
  bool finished = false;      // its containers have ended for good
  bool cordoned = false;      // its node takes no new pods
  std::string priorityLabel;  // "": no such label
  Time created{};

  /// Since it was told whom to follow, a container of it has ended: what it was told may have ended with that.
  bool restarted() const { return endsWhenFollowed >= 0 && endsWhenFollowed != ends; }
  /// As it is now, for what is told to it.
  Listener listener() const { return {ends, ready}; }
  /// It has been told at this epoch whom to follow, or that it is the primary.
  bool knows(int64_t epoch) const { return labelEpoch == epoch && !restarted(); }
};

/// What has become of the effects of the active request's present phase. Lost with the process; then the effects run
/// again, which they allow.
struct Progress {
  std::string requestUid;  // "": the effects belong to no request (bootstrap, labels of new members)
  api::Phase phase = api::Phase::None;
  std::map<EffectId, EffectResult> effects;
  int64_t epoch = 0;  // of the group, when they belong to no request: each grant begins anew; else 0

  const EffectResult* find(const EffectId& id) const {
    const auto it = effects.find(id);
    return it == effects.end() ? nullptr : &it->second;
  }
};

/// What holds for all groups at once, as far as it keeps this one from being failed over.
struct Fleet {
  bool isolated = false;  // most members of many groups can't be reached
  bool storm = false;     // too many groups have failed together
  bool full = false;      // as many failovers as allowed are under way
  std::string detail;     // the numbers, for a person
};

struct Snapshot {
  Time now{};
  Fleet fleet;
  bool blind = false;  // the detector reaches no member any more
  api::HaGroup group;
  std::vector<Member> members;                   // of this group alone, by name
  std::vector<std::string> contested;            // pods that match but belong to an older group
  std::vector<std::string> contestedNames;       // of spec.apis that an older group has, as words
  std::optional<Member> outside;                 // had the role last, and is no member any more
  std::vector<api::SwitchoverRequest> requests;  // of this group; finished ones too
  bool routed = false;                           // a Service selects the primary label of this group
  Progress progress;

  const Member* member(const std::string& name) const {
    for (const auto& m : members)
      if (m.name == name) return &m;
    return nullptr;
  }
  /// A member, or the one outside.
  const Member* pod(const std::string& name) const {
    return outside && outside->name == name ? &*outside : member(name);
  }
  /// The request that has begun, the eldest of them; nullptr when none has.
  const api::SwitchoverRequest* begun() const {
    const api::SwitchoverRequest* found = nullptr;
    for (const auto& r : requests) {
      if (!api::started(r.status.phase) || r.meta.deleted) continue;
      if (!found || std::tie(r.meta.created, r.meta.name) < std::tie(found->meta.created, found->meta.name)) found = &r;
    }
    return found;
  }
  const api::HaGroupSpec& spec() const { return *group.spec; }
};

}  // namespace baton::ha
