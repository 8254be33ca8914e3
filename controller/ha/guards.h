// Whether a request may begin: the refusals that need no look at the candidates.
#pragma once

#include <string>
#include <string_view>

#include "api/words.h"
#include "ha/snapshot.h"

namespace baton::ha {

struct Refusal {
  api::Reason reason = api::Reason::None;  // None: not refused
  std::string message;
  explicit operator bool() const { return reason != api::Reason::None; }
};

/// Has the group that condition, with status True?
bool isTrue(const api::HaGroupStatus& g, std::string_view condition);

/// Names of the members whose label says primary. One that has ended is none: settle() takes its label away.
std::vector<std::string> labelledPrimaries(const Snapshot& s);

/// The pod that has the role: the granted one as long as that very pod exists; else empty.
std::string holder(const Snapshot& s);

/// Who may still take itself for the primary while nobody has the role: the pod that had it last, as long as that very
/// pod is there; nullptr when there is none.
const Member* formerPrimary(const Snapshot& s);

/// The group never had a primary, so a request may give it its first one.
bool neverHadPrimary(const Snapshot& s);

/// Epochs count grants; one that is out of this range was written by somebody else, and can't be counted on from.
inline constexpr int64_t kMostEpoch = 1'000'000'000'000;
bool epochOutOfRange(int64_t epoch);
/// The highest epoch that the group or one of its pods has been told. A group that was made anew knows it by its pods.
int64_t highestEpoch(const Snapshot& s);

Refusal refusal(const Snapshot& s, const api::SwitchoverRequest& r);

}  // namespace baton::ha
