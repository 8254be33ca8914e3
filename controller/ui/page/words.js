// What Baton's words mean, as docs/operations.md and docs/failover.md tell it.

export const GROUP_PHASES = {
  NoPrimary: 'Nobody has the role, or who has it has failed.',
  SplitBrain: 'Several pods carry the primary label, or say that they are primary.',
  Degraded: 'There is a primary; a member is not ready.',
  Initializing: 'The group never had a primary.',
  Switching: 'A role change is running.',
  Paused: 'The group is paused: no role change begins.',
  Healthy: 'One primary, all members ready.',
};

export const REQUEST_PHASES = {
  Pending: 'Waits for the group.',
  Queued: 'Waits for another request of the group.',
  Scheduled: 'Waits for its time.',
  Validating: 'The members are asked, and the candidate is chosen.',
  Demoting: 'The old primary gives the role up.',
  CatchingUp: 'The candidate gets what the old primary had.',
  Fencing: 'The old primary is made harmless.',
  Promoting: 'The candidate gets the role.',
  Routing: 'Traffic moves to the new primary.',
  Verifying: 'It is checked that there is one primary.',
  RollingBack: 'The old primary gets the role back.',
  Succeeded: 'The role has moved, and it was checked.',
  Rejected: 'Refused; nothing was touched.',
  RolledBack: 'It failed; the old primary has the role again.',
  Cancelled: 'Cancelled; who had the role before has it.',
  Failed: 'It failed, and was not rolled back. Look at the group.',
};

const ENDS = new Set(['Succeeded', 'Rejected', 'RolledBack', 'Failed', 'Cancelled']);
export const hasEnded = (phase) => ENDS.has(phase);

// Before a phase is stored Baton has not looked at the request.
export const requestPhase = (request) => request.status?.phase || 'Asked for';

export const REQUEST_REASONS = {
  GroupNotFound: 'There is no such group in this namespace.',
  NotSupported: 'The group has fewer than two members. Start a second pod, or check the selector.',
  Disabled: 'Planned role changes are disabled for this group (spec.switchover.enabled). Enable them, or use Forced.',
  Paused: 'The group is paused (spec.paused). Nothing begins until that is false.',
  Busy: 'Too many requests wait already. Look at the one that runs.',
  NoPrimary: 'There is nobody to take the role from. Use Forced.',
  NoCandidate: 'No member may get the role. The table says why, for each.',
  CandidateNotFound: 'The named pod is no member of the group.',
  CandidateNotEligible: 'The named pod may not get the role.',
  AlreadyPrimary: 'The named pod is the primary. Nothing to do.',
  UnexpectedPrimary: 'The primary is another one by now. Look who it is, and ask again if it is still wanted.',
  TooFrequent: 'The last role change was too recent. The message says when the next may begin; Forced does not wait.',
  UnhealthyReplication: 'The primary is not healthy, or all candidates lag too far. Mend replication; if the primary is broken, use Forced.',
  InvalidSpec: 'The request or the group cannot be used as it is. The message names the field.',
  StartDeadlineExceeded: 'It could not begin in time. Ask again.',
  TimedOut: 'It took longer than it may. The steps show the slow one, with its last error.',
  CatchUpTimedOut: 'The candidate did not reach the old primary’s position. Replication is broken or slow.',
  HookFailed: 'A hook failed in all its tries. The step’s message has its output.',
  FencingFailed: 'Nothing proved that the old primary is harmless. Make sure of it by hand, then ask again.',
  PodGone: 'A pod that was needed is gone. Ask again.',
  CancelledByUser: 'Somebody cancelled it.',
  SplitBrain: 'Several pods carry the primary label, or say that they are primary.',
};

export const BLOCKED_REASONS = {
  Held: 'a failed role change was left for a person; it ends when a person acts',
  Paused: 'the group is paused',
  Manual: 'failover of this group is manual; a person has to ask',
  Isolated: 'Baton does not reach most members of many groups, so the fault may be its own',
  Storm: 'too many groups failed at once, or this one too often within an hour',
  Cooldown: 'the last failover was too recent',
  NoCandidate: 'no member may take the role',
  Concurrency: 'as many failovers as may run at once are under way',
  Observing: 'failover of this group only observes; a person has to ask',
};

// Of each condition: what it is called, and what it says when it holds and when it does not. `good` is the status
// at which nobody has to look.
export const CONDITIONS = {
  PrimaryAvailable: {good: 'True', True: 'A ready pod has the role.', False: 'No ready pod has the role, or it has failed.'},
  Ready: {good: 'True', True: 'One primary, and the group can be used.', False: 'The group is not as it should be.'},
  FailoverBlocked: {good: 'False', True: 'A failover is needed and is not made.', False: 'No failover is held up.'},
  SplitBrain: {good: 'False', True: 'Several members claim the role.', False: 'One member at most claims the role.'},
  Conflict: {good: 'False', True: 'Another, older group owns pods or API names of this one.', False: 'No other group claims its pods.'},
  Held: {good: 'False', True: 'A failed role change waits for a person.', False: 'Nothing waits for a person.'},
};

const TRIGGERS = {
  user: 'a person', failover: 'Baton: failover', failback: 'Baton: the way back', drain: 'Baton: drain of a node',
  connector: 'REST path connector', dcs: 'REST path dcs', hcx: 'REST path hcx', sbc: 'REST path sbc', polardb: 'REST path polardb',
};

export const triggerWords = (trigger) => TRIGGERS[trigger] ?? trigger ?? '';

export function byWhom(request) {
  if (request.requestedBy) return request.requestedBy;
  return triggerWords(request.trigger) || 'not told';
}

export const MEMBER_REASONS = {
  Ended: 'has ended', Terminating: 'is being deleted', NotReady: 'is not ready', NodeCordoned: 'is on a cordoned node',
};
