// Words of state with their picture and colour.
import {condition, holds, phaseOf} from './attention.js';
import {el} from './dom.js';
import {icon} from './icons.js';
import {BLOCKED_REASONS, GROUP_PHASES, hasEnded, requestPhase} from './words.js';

export function phaseBadge(group) {
  const phase = phaseOf(group);
  return el('span', {class: `badge phase-${phase}`, title: GROUP_PHASES[phase] ?? ''}, icon(phase), phase);
}

function endIcon(phase) {
  if (phase === 'Succeeded') return 'Done';
  if (phase === 'Rejected' || phase === 'Cancelled') return 'Forbidden';
  return hasEnded(phase) ? 'Failed' : 'Running';
}

// Nobody is to take a dry run for the thing itself.
const DRY = {Succeeded: 'Would succeed', Rejected: 'Would be refused'};

export function requestBadge(request) {
  const phase = requestPhase(request);
  const words = (request.spec.dryRun && DRY[phase]) || phase;
  return el('span', {class: `badge end-${endIcon(phase)}`}, icon(endIcon(phase)), words);
}

// What keeps a failover from being made, in a sentence; null when nothing does.
export function blocked(group) {
  if (!holds(group, 'FailoverBlocked')) return null;
  const {reason, message} = condition(group, 'FailoverBlocked');
  return {reason, message, sentence: BLOCKED_REASONS[reason] ?? 'the last failover of this primary did not succeed'};
}
