// The words of the interface that appear in status, events, metrics and the REST mapping: phases, reasons, modes.
#pragma once

#include <string_view>

namespace baton::api {

/// Phase of a SwitchoverRequest. None: no status yet.
enum class Phase {
  None,
  Pending,
  Queued,
  Scheduled,
  Validating,
  Demoting,
  CatchingUp,
  Fencing,
  Promoting,
  Routing,
  Verifying,
  RollingBack,
  Succeeded,
  Rejected,
  RolledBack,
  Failed,
  Cancelled,
};
std::string_view name(Phase p);  // "" for None
Phase phaseOf(std::string_view word);

/// Nothing more happens to a request in this phase.
bool finished(Phase p);
/// The role change has begun: it must be carried to an end.
bool started(Phase p);
/// The role is given, or about to be, to the candidate: no way back.
bool pastPointOfNoReturn(Phase p);

enum class Reason {
  None,
  GroupNotFound,
  NotSupported,
  Disabled,
  Paused,
  Busy,
  NoPrimary,
  NoCandidate,
  CandidateNotFound,
  CandidateNotEligible,
  AlreadyPrimary,
  UnexpectedPrimary,
  TooFrequent,
  UnhealthyReplication,
  InvalidSpec,
  StartDeadlineExceeded,
  TimedOut,
  CatchUpTimedOut,
  HookFailed,
  FencingFailed,
  PodGone,
  CancelledByUser,
  SplitBrain,
};
std::string_view name(Reason r);  // "" for None
Reason reasonOf(std::string_view word);

enum class Mode { Planned, Forced };
std::string_view name(Mode m);

enum class OnFailure { RollBack, Hold };
enum class CrossZone { Allow, Prefer, Require, Forbid };
enum class Bootstrap { Automatic, Manual };
enum class FailoverMode { Automatic, Observe, Manual };
std::string_view name(FailoverMode m);
enum class DetectionSource { Readiness, Probe };
enum class FenceStep { FenceHook, DeletePod };

enum class GroupPhase { None, Initializing, Healthy, Degraded, Switching, NoPrimary, SplitBrain, Paused };
std::string_view name(GroupPhase p);
GroupPhase groupPhaseOf(std::string_view word);

enum class StepState { Pending, Running, Done, Failed, Skipped };
std::string_view name(StepState s);
StepState stepStateOf(std::string_view word);

}  // namespace baton::api
