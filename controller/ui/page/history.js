// A group's role changes: the timeline, and the same as a table.
import {el, Slot, svg} from './dom.js';
import {duration, when} from './format.js';
import {spanButtons, timeline} from './timeline.js';
import {triggerWords} from './words.js';

const LEAST_WIDTH = 520;   // pixels; where there is less, it is scrolled
const DRAW_AGAIN = 10000;  // ms; the line of who is primary now grows

function row(change) {
  return el('tr', {},
    el('td', {}, when(change.completionTime ?? change.startTime)),
    el('td', {}, change.from || 'nobody'),
    el('td', {}, change.to || 'nobody'),
    el('td', {}, change.mode || '–'),
    el('td', {}, triggerWords(change.trigger) || '–'),
    el('td', {class: 'number'}, change.unavailableMilliseconds === undefined ? '–' : duration(change.unavailableMilliseconds)),
    el('td', {}, change.request || '–'));
}

function table(history) {
  return el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of role changes'}, el('table', {},
    el('thead', {}, el('tr', {}, ['When', 'From', 'To', 'Mode', 'Asked for by', 'Without primary', 'Request'].map(
      (name) => el('th', {scope: 'col', class: name === 'Without primary' ? 'number' : ''}, name)))),
    el('tbody', {}, history.map(row))));
}

function legend() {
  const sample = (...shapes) => svg('svg', {viewBox: '0 0 20 16', 'aria-hidden': 'true'}, shapes);
  return el('p', {class: 'legend'},
    el('span', {}, sample(svg('rect', {class: 'stay now', x: 0, y: 3, width: 20, height: 10, rx: 2})), 'has the role'),
    el('span', {class: 'mark'}, sample(svg('circle', {class: 'shape', cx: 10, cy: 8, r: 5})), 'planned'),
    el('span', {class: 'mark forced'}, sample(svg('path', {class: 'shape', d: 'M3 8l7 -7l7 7l-7 7Z'})), 'forced'));
}

export class History {
  constructor() {
    this.span = null;
    this.buttons = el('div', {});
    this.drawing = el('div', {class: 'drawing', tabindex: 0, role: 'region', 'aria-label': 'Timeline'});
    const rows = el('div', {});
    this.table = new Slot(rows);
    this.element = el('section', {class: 'panel', 'aria-labelledby': 'history-title'},
      el('div', {class: 'panel-head'}, el('h2', {id: 'history-title'}, 'Who was primary'), this.buttons), this.drawing, rows);
    this.timer = setInterval(() => this.#draw(), DRAW_AGAIN);
    this.sizes = new ResizeObserver(() => this.#width() !== this.drawnWidth && this.#draw());
    this.sizes.observe(this.drawing);
    this.#chosen(null);
  }

  close() {
    clearInterval(this.timer);
    this.sizes.disconnect();
  }

  #chosen(span) {
    const again = this.buttons.contains(document.activeElement);
    this.span = span;
    this.buttons.replaceChildren(spanButtons(span, (length) => this.#chosen(length)));
    if (again) this.buttons.querySelector('[aria-pressed=true]').focus();
    this.#draw();
  }

  show(history, group) {
    this.history = history;
    this.group = group;
    this.#draw();
    this.table.show(history, () => (history.length ? table(history) : []));
  }

  // The first primary gets the role without a role change.
  #without() {
    const {primary} = this.group.status;
    return `No role change is known. ${primary || 'Nobody'} has the role.`;
  }

  #width() {
    return Math.max(LEAST_WIDTH, this.drawing.clientWidth);
  }

  #draw() {
    if (!this.history) return;
    this.drawnWidth = this.#width();
    if (this.history.length) this.drawing.replaceChildren(timeline(this.history, this.group, this.span, this.#width()), legend());
    else this.drawing.replaceChildren(el('p', {class: 'quiet'}, this.#without()));
  }
}
