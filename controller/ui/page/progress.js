// How far a request is, and how it ended.
import {requestBadge} from './badges.js';
import {el} from './dom.js';
import {between, duration, localTime, number} from './format.js';
import {icon} from './icons.js';
import {hasEnded, REQUEST_PHASES, REQUEST_REASONS, requestPhase} from './words.js';

function lasted(step) {
  if (!step.startTime) return '';
  return step.endTime ? `in ${between(step.startTime, step.endTime)}` : `since ${localTime(new Date(step.startTime))}`;
}

function step(one, planned) {
  const state = one.state || 'Pending';
  const tries = one.attempts > 1 ? `${one.attempts} tries` : '';
  return el('li', {class: `step ${state}`},
    icon(state),
    el('span', {class: 'step-name'}, one.name),
    el('span', {class: 'step-state'}, planned && state === 'Pending' ? 'would be done' : [`${state.toLowerCase()} ${lasted(one)}`.trim(), tries].filter(Boolean).join(', ')),
    el('span', {class: 'step-text'}, one.message || REQUEST_PHASES[one.name] || ''));
}

export function steps(request) {
  const list = request.status?.steps ?? [];
  if (list.length === 0) return null;
  const label = request.spec.dryRun ? 'What would be done' : 'Steps';
  return el('ol', {class: 'steps', 'aria-label': label}, list.map((one) => step(one, request.spec.dryRun)));
}

// How it ended, or where it is, in one sentence.
export function outcome(request) {
  const {phase, to, from, epoch, unavailableMilliseconds: gap} = request.status ?? {};
  if (phase === 'Succeeded' && request.spec.dryRun) return `${to} would get the role${from ? ` from ${from}` : ''}. Nothing was changed.`;
  if (phase === 'Succeeded') {
    const without = gap === undefined ? '' : ` Nobody had it for ${duration(gap)}.`;
    return `${to} has the role${epoch ? `, at epoch ${number(epoch)}` : ''}.${without}`;
  }
  if (!phase) return 'Baton has not looked at it yet.';
  return REQUEST_PHASES[phase] ?? '';
}

export const endKind = (request) => {
  const phase = request.status?.phase;
  if (!hasEnded(phase)) return 'busy';
  if (phase === 'Succeeded') return 'good';
  return phase === 'Cancelled' ? 'warn' : 'bad';
};

// Badge, sentence, and why it did not succeed: the reason word, Baton's own message, what to do.
export function verdict(request) {
  const {reason, message} = request.status ?? {};
  const told = request.status?.phase !== 'Succeeded' && message;
  return el('div', {class: `verdict ${endKind(request)}`},
    el('p', {}, requestBadge(request), ' ', outcome(request)),
    reason && el('p', {}, el('b', {class: 'reason'}, reason), told && `: ${message}`),
    !reason && told && el('p', {}, message),
    reason && REQUEST_REASONS[reason] && el('p', {class: 'quiet'}, REQUEST_REASONS[reason]));
}

// For a live region: short, and another text only when the phase is another.
export function spoken(request) {
  const phase = requestPhase(request);
  const reason = request.status?.reason;
  return `${request.spec.dryRun ? 'Dry run' : 'Switchover'}: ${phase}${reason ? `, ${reason}` : ''}. ${outcome(request)}`;
}
