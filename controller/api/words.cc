#include "api/words.h"

#include <array>
#include <cstddef>

namespace baton::api {
namespace {

constexpr std::array<std::string_view, 17> kPhases = {
    "",           "Pending",  "Queued",     "Scheduled", "Validating", "Demoting",
    "CatchingUp", "Fencing",  "Promoting",  "Routing",   "Verifying",  "RollingBack",
    "Succeeded",  "Rejected", "RolledBack", "Failed",    "Cancelled"};
constexpr std::array<std::string_view, 23> kReasons = {"",
                                                       "GroupNotFound",
                                                       "NotSupported",
                                                       "Disabled",
                                                       "Paused",
                                                       "Busy",
                                                       "NoPrimary",
                                                       "NoCandidate",
                                                       "CandidateNotFound",
                                                       "CandidateNotEligible",
                                                       "AlreadyPrimary",
                                                       "UnexpectedPrimary",
                                                       "TooFrequent",
                                                       "UnhealthyReplication",
                                                       "InvalidSpec",
                                                       "StartDeadlineExceeded",
                                                       "TimedOut",
                                                       "CatchUpTimedOut",
                                                       "HookFailed",
                                                       "FencingFailed",
                                                       "PodGone",
                                                       "CancelledByUser",
                                                       "SplitBrain"};
constexpr std::array<std::string_view, 8> kGroupPhases = {"",          "Initializing", "Healthy",    "Degraded",
                                                          "Switching", "NoPrimary",    "SplitBrain", "Paused"};
constexpr std::array<std::string_view, 5> kStepStates = {"Pending", "Running", "Done", "Failed", "Skipped"};

/// The enumerator that stands at the word's place; the first one for a word that is not in the table.
template <class E, size_t N>
E find(const std::array<std::string_view, N>& words, std::string_view word) {
  for (size_t i = 0; i < N; ++i)
    if (words[i] == word) return static_cast<E>(i);
  return static_cast<E>(0);
}

}  // namespace

std::string_view name(Phase p) { return kPhases[static_cast<size_t>(p)]; }
Phase phaseOf(std::string_view w) { return find<Phase>(kPhases, w); }
std::string_view name(Reason r) { return kReasons[static_cast<size_t>(r)]; }
Reason reasonOf(std::string_view w) { return find<Reason>(kReasons, w); }
std::string_view name(GroupPhase p) { return kGroupPhases[static_cast<size_t>(p)]; }
GroupPhase groupPhaseOf(std::string_view w) { return find<GroupPhase>(kGroupPhases, w); }
std::string_view name(StepState s) { return kStepStates[static_cast<size_t>(s)]; }
StepState stepStateOf(std::string_view w) { return find<StepState>(kStepStates, w); }
std::string_view name(FailoverMode m) {
  return m == FailoverMode::Automatic ? "Automatic" : m == FailoverMode::Observe ? "Observe" : "Manual";
}
std::string_view name(Mode m) { return m == Mode::Planned ? "Planned" : "Forced"; }

bool finished(Phase p) { return p >= Phase::Succeeded; }
bool started(Phase p) { return p >= Phase::Validating && p <= Phase::RollingBack; }
bool pastPointOfNoReturn(Phase p) { return p >= Phase::Promoting && p <= Phase::Verifying; }

}  // namespace baton::api
