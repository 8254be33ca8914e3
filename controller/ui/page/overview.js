// A group's few facts, as a list.
import {el} from './dom.js';
import {between, number, when} from './format.js';

function lastChange(change) {
  if (!change) return 'none yet';
  const time = change.completionTime ?? change.startTime;
  return [`${change.from || 'nobody'} → ${change.to || 'nobody'}, ${change.mode || 'granted'}, `, when(time), time && ` (${between(time, new Date())} ago)`];
}

export function overview(group) {
  const {status} = group;
  const facts = [
    ['Primary', status.primary || 'nobody'],
    ['Epoch', number(status.epoch ?? 0)],
    ['Ready', status.readyMembers || '–'],
    ['Home zone', status.originalZone || '–'],
    ['Failover', group.failoverMode || '–'],
    ['Planned switchover', group.switchoverEnabled ? 'enabled' : 'disabled'],
    ['Last role change', lastChange(status.lastRoleChange)],
  ];
  if (!status.primary && status.formerPrimary) facts.splice(1, 0, ['Former primary', status.formerPrimary]);
  return el('dl', {class: 'facts-list'}, facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}
