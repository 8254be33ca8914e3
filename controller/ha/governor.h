// May a failed primary be replaced now? The table of docs/failover.md, in its order.
#pragma once

#include <optional>
#include <string>

#include "ha/candidates.h"
#include "ha/decision.h"
#include "ha/failure.h"

namespace baton::ha {

struct Verdict {
  enum class Do { Nothing, Wait, Block, FailOver };
  Do what = Do::Nothing;
  std::string reason, message;  // of condition FailoverBlocked
  std::optional<Time> until;    // to be looked at again then
  std::string candidate;        // who would be chosen by what is known now; empty: nobody
};

Verdict govern(const Snapshot& s, const Failure& f);

/// What a person can do about fencing that is not proven.
inline constexpr const char* kOverride =
    " Make sure yourself that the old primary does not run: a request with mode Forced then goes on without the proof.";

/// The condition that tells of it.
void tell(const Snapshot& s, const Verdict& v, api::HaGroupStatus& g);

/// The request for it.
NewRequest failoverRequest(const Snapshot& s, const Failure& f);

/// A failover of the group has been asked for, and that has not ended.
bool failingOver(const Snapshot& s);

/// Answers as the detector has them.
Reports observed(const Snapshot& s);

/// A request of that trigger was made after the last role change and did not succeed: when may it be made again? In the
/// past, or nothing: now.
struct Retry {
  std::optional<Time> at;
  api::Reason reason = api::Reason::None;  // why the last one did not
  std::string message;
};
Retry retry(const Snapshot& s, const char* trigger, std::chrono::seconds first, std::chrono::seconds longest);

/// "GROUP-TRIGGER-20261122t170455"; a DNS name.
std::string requestName(const Snapshot& s, const char* trigger);

}  // namespace baton::ha
