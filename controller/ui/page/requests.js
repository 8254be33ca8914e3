// The list of what was asked of a group. Each row opens to the steps and the standings.
import {candidates} from './candidates.js';
import {requestBadge} from './badges.js';
import {el, KeyedList} from './dom.js';
import {when} from './format.js';
import {steps, verdict} from './progress.js';
import {byWhom} from './words.js';

function wish({mode, candidate, candidateZone, dryRun}) {
  const to = candidate ? `to ${candidate}` : candidateZone ? `to zone ${candidateZone}` : 'to the best';
  return [dryRun ? 'Dry run' : '', mode || 'Planned', to].filter(Boolean).join(', ');
}

function moved({from, to}) {
  if (!from && !to) return '';
  return `${from || 'nobody'} → ${to || 'nobody'}`;
}

function row(request, old) {
  const {status = {}, spec} = request;
  const facts = [
    ['Asked for', when(request.created)], ['By', byWhom(request)], ['Why', spec.reason || '–'],
    ['Expected primary', spec.expectedPrimary || '–'], ['Started', when(status.startTime)], ['Ended', when(status.completionTime)],
    ['Point of no return', when(status.pointOfNoReturnTime)]];
  if (spec.scheduledAt) facts.push(['Not before', when(spec.scheduledAt)]);
  const summary = el('summary', {},
    requestBadge(request),
    el('span', {class: 'request-name'}, request.name),
    el('span', {class: 'request-wish'}, wish(spec)),
    el('span', {class: 'request-moved'}, moved(status)),
    status.reason && el('b', {class: 'reason'}, status.reason),
    el('span', {class: 'request-when'}, when(request.created), ` by ${byWhom(request)}`));
  const details = el('details', {open: old?.querySelector('details').open ?? false}, summary,
    el('div', {class: 'request-body'}, verdict(request),
      el('dl', {class: 'facts-list'}, facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))),
      steps(request), candidates(request)));
  return el('li', {class: spec.dryRun ? 'request dry' : 'request'}, details);
}

export class Requests {
  constructor() {
    this.list = el('ul', {class: 'requests', 'aria-label': 'Requests, the newest first'});
    this.rows = new KeyedList(this.list, row);
    this.nothing = el('p', {class: 'quiet'});
    this.element = el('section', {class: 'panel', 'aria-labelledby': 'requests-title'},
      el('h2', {id: 'requests-title'}, 'Requests'), this.nothing, this.list);
  }

  show(requests, mayList) {
    const focused = document.activeElement;
    const index = [...this.list.children].findIndex((item) => item.contains(focused));
    const uid = index < 0 ? null : [...this.rows.rows.keys()][index];
    this.rows.show(requests, (request) => request.uid);
    if (uid && !this.list.contains(document.activeElement)) this.rows.rows.get(uid)?.row.querySelector('summary').focus({preventScroll: true});
    this.list.hidden = requests.length === 0;
    this.nothing.hidden = requests.length > 0;
    this.nothing.textContent = mayList
      ? 'Nothing was asked of this group, or it was so long ago that it has been removed.'
      : 'You may not see what was asked of this group. That takes the right to list switchoverrequests in its namespace.';
  }
}
