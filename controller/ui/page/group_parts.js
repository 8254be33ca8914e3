// Parts of a group's view: what has to be known at once, its members, its conditions.
import {condition, holds, members, phaseOf} from './attention.js';
import {blocked} from './badges.js';
import {el} from './dom.js';
import {number, when} from './format.js';
import {icon, podGlyph} from './icons.js';
import {memberReason, roleOf, roleWords} from './picture.js';
import {CONDITIONS, GROUP_PHASES} from './words.js';

function notice(kind, title, ...text) {
  return el('div', {class: `notice ${kind}`}, el('p', {}, el('b', {}, title), text));
}

const BAD = ['NoPrimary', 'SplitBrain'];

export function notices(group) {
  const phase = phaseOf(group);
  const block = blocked(group);
  const list = [];
  if (BAD.includes(phase)) {
    const box = notice('bad', `${phase}. `, GROUP_PHASES[phase]);
    const message = holds(group, 'SplitBrain') && condition(group, 'SplitBrain').message;
    if (message) box.append(el('p', {class: 'told'}, message));
    list.push(box);
  }
  if (phase === 'Degraded' || phase === 'Initializing') list.push(notice('warn', `${phase}. `, GROUP_PHASES[phase]));
  if (block) {
    const box = notice('bad', `Failover blocked: ${block.reason}. `, `A failover is needed and is not made, as ${block.sentence}.`);
    if (block.message) box.append(el('p', {class: 'told'}, block.message));
    list.push(box);
  }
  if (holds(group, 'Held') && block?.reason !== 'Held') list.push(notice('bad', 'Held. ', CONDITIONS.Held.True));
  if (holds(group, 'Conflict')) list.push(notice('warn', 'Conflict. ', CONDITIONS.Conflict.True));
  if (group.paused) list.push(notice('warn', 'Paused. ', 'No role change begins until spec.paused is false; a request is refused.'));
  if (!group.switchoverEnabled) list.push(notice('info', 'Switchover disabled. ', 'A planned request is refused (spec.switchover.enabled is false); a forced one is not.'));
  return list;
}

const COLUMNS = ['Pod', 'Role', 'Ready', 'Zone', 'Priority', 'Position', 'Lag', 'Reason'];
const NUMBERS = new Set(['Priority', 'Position', 'Lag']);

function memberRow(group, member) {
  const role = roleOf(group, member);
  return el('tr', {class: member.ready ? '' : 'unready'},
    el('th', {scope: 'row'}, member.pod),
    el('td', {class: 'role'}, podGlyph(role, member.ready), el('span', {}, roleWords[role])),
    el('td', {class: member.ready ? 'yes' : 'no'}, icon(member.ready ? 'Done' : 'Failed'), member.ready ? 'ready' : 'not ready'),
    el('td', {}, member.zone || '–'),
    el('td', {class: 'number'}, number(member.priority)),
    el('td', {class: 'number'}, number(member.position)),
    el('td', {class: 'number'}, member.pod === group.status.primary ? '–' : number(member.lag)),
    el('td', {class: 'text'}, memberReason(member)));
}

export function memberTable(group) {
  return el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of members'}, el('table', {},
    el('thead', {}, el('tr', {}, COLUMNS.map((name) => el('th', {scope: 'col', class: NUMBERS.has(name) ? 'number' : ''}, name)))),
    el('tbody', {}, members(group).map((member) => memberRow(group, member)))));
}

function conditionItem({type, status, reason, message, lastTransitionTime}) {
  const words = CONDITIONS[type];
  const kind = status === 'Unknown' || !words ? 'unknown' : status === words.good ? 'good' : 'bad';
  const pictures = {good: 'Done', bad: 'Failed', unknown: 'Initializing'};
  return el('li', {class: `condition ${kind}`}, icon(pictures[kind]),
    el('div', {},
      el('p', {}, el('b', {}, words?.[status] ?? `${type} is ${status}.`), ' ', el('span', {class: 'quiet'}, `${type} ${status}, ${reason}, since `, when(lastTransitionTime))),
      message && el('p', {class: 'told'}, message)));
}

export function conditionList(group) {
  const list = group.status.conditions ?? [];
  if (list.length === 0) return el('p', {class: 'quiet'}, 'Baton has not looked at this group yet.');
  return el('ul', {class: 'conditions'}, list.map(conditionItem));
}
