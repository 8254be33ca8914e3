// Each pod's standing, as a dry run or a request found it.
import {el} from './dom.js';
import {number} from './format.js';
import {icon} from './icons.js';

function standing(candidate, request) {
  const {from, to, phase} = request.status;
  if (candidate.pod === to && candidate.eligible) return ['Done', request.spec.dryRun ? 'would be taken' : phase === 'Succeeded' ? 'was taken' : 'chosen'];
  if (candidate.pod === from) return ['Skipped', 'is the primary'];
  return candidate.eligible ? ['Pending', 'could be taken'] : ['Forbidden', 'cannot be taken'];
}

function row(candidate, request) {
  const [picture, words] = standing(candidate, request);
  return el('tr', {class: candidate.eligible ? '' : 'not-eligible'},
    el('th', {scope: 'row'}, candidate.pod),
    el('td', {class: 'standing'}, icon(picture), words),
    el('td', {class: 'text'}, candidate.reason || ''),
    el('td', {}, candidate.zone || '–'),
    el('td', {class: 'number'}, number(candidate.priority)),
    el('td', {class: 'number'}, number(candidate.position)),
    el('td', {class: 'number'}, number(candidate.lag)));
}

export function candidates(request) {
  const list = request.status?.candidates ?? [];
  if (list.length === 0) return null;
  const columns = ['Pod', 'Standing', 'Why', 'Zone', 'Priority', 'Position', 'Lag'];
  const numeric = new Set(['Priority', 'Position', 'Lag']);
  return el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Standing of each pod'},
    el('table', {},
      el('thead', {}, el('tr', {}, columns.map((name) => el('th', {scope: 'col', class: numeric.has(name) ? 'number' : ''}, name)))),
      el('tbody', {}, list.map((candidate) => row(candidate, request)))));
}
