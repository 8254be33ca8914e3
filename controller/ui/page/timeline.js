// Who was primary when, drawn: a row for each pod, time from left to right, a mark for each role change.
import {el, svg} from './dom.js';
import {duration, localTime} from './format.js';

// All in pixels.
const ROW = 28;
const LETTER = 7.6;   // of a name, about
const AXIS = 26;
const LEAST = 3;      // a stay is never drawn narrower, so that a short one is seen

const at = (text) => new Date(text ?? NaN).getTime();

// Stays of the role at pods, the oldest first: {pod, from, to, open}. `history` has the newest first.
export function stays(history, group, now) {
  const changes = [...history].filter((c) => at(c.completionTime ?? c.startTime)).reverse();
  const list = [];
  changes.forEach((change, i) => {
    const end = at(change.completionTime ?? change.startTime);
    const begin = at(change.startTime) || end;
    if (i === 0 && change.from) list.push({pod: change.from, from: null, to: begin});
    const next = changes[i + 1];
    const lost = next ? at(next.startTime) || at(next.completionTime) : null;
    if (change.to) list.push({pod: change.to, from: end, to: lost, open: !next});
  });
  const last = list.at(-1);
  if (last?.open) {
    // Nobody has it any more, and no change says since when; the condition does.
    const condition = (group.status.conditions ?? []).find((c) => c.type === 'PrimaryAvailable');
    const gone = group.status.primary !== last.pod;
    last.to = gone && condition?.status === 'False' ? Math.max(at(condition.lastTransitionTime) || now, last.from) : now;
    last.open = !gone;
  }
  return {list, changes};
}

const MOST = 24;  // letters of a name

function cut(pod) {
  return pod.length > MOST ? `…${pod.slice(1 - MOST)}` : pod;
}

const STEPS = [1, 5, 15, 60, 300, 900, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 2592000, 7776000].map((s) => s * 1000);

function ticks(begin, end) {
  const step = STEPS.find((s) => (end - begin) / s <= 6) ?? (end - begin) / 6;
  // On the reader's clock: whole hours and days are his.
  const offset = new Date(begin).getTimezoneOffset() * 60000;
  const list = [];
  for (let t = Math.ceil((begin - offset) / step) * step + offset; t <= end; t += step) list.push({t, step});
  return list;
}

function tickText({t, step}) {
  const date = new Date(t);
  const full = localTime(date, new Date(0));
  if (step >= 86400000) return full.slice(5, 10);
  return step < 60000 ? full.slice(11) : full.slice(11, 16);
}

function describe(change) {
  const gap = change.unavailableMilliseconds === undefined ? '' : `, nobody had it for ${duration(change.unavailableMilliseconds)}`;
  return `${localTime(new Date(at(change.completionTime ?? change.startTime)))}: ${change.from || 'nobody'} → ${change.to || 'nobody'}, ${change.mode || 'granted'}${gap}`;
}

// `span`: how far back, in ms; null for all that is known.
export function timeline(history, group, span, width, now = Date.now()) {
  const {list, changes} = stays(history, group, now);
  const pods = [...new Set([...(group.status.members ?? []).map((m) => m.pod), ...list.map((s) => s.pod)])]
    .filter((pod) => list.some((s) => s.pod === pod) || (group.status.members ?? []).length <= 8)
    .sort((a, b) => a.localeCompare(b, 'en', {numeric: true}));
  const names = Math.max(...pods.map((pod) => cut(pod).length)) * LETTER + 16;
  const known = list.map((s) => s.from).filter((t) => t !== null);
  const first = Math.min(...known, now - 60000);
  const begin = span ? now - span : first - (now - first) * 0.06;
  const x = (t) => names + (Math.min(Math.max(t, begin), now) - begin) / (now - begin) * (width - names - 8);
  const height = pods.length * ROW + AXIS;
  const y = (pod) => pods.indexOf(pod) * ROW;
  const bar = (stay) => {
    if ((stay.to ?? now) < begin) return null;
    const left = stay.from === null ? names : x(stay.from);
    return svg('rect', {class: stay.from === null ? 'stay unknown' : stay.open ? 'stay now' : 'stay', x: left, y: y(stay.pod) + 7,
      width: Math.max(LEAST, x(stay.to ?? now) - left), height: ROW - 14, rx: 2});
  };
  const mark = (change) => {
    const t = at(change.completionTime ?? change.startTime);
    if (t < begin || !change.to) return null;
    const cx = x(t);
    const to = y(change.to) + ROW / 2;
    const from = change.from ? y(change.from) + ROW / 2 : to;
    const shape = change.mode === 'Forced' ? `M${cx - 6} ${to}l6 -7l6 7l-6 7Z` : `M${cx} ${to}m-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0`;
    return svg('g', {class: change.mode === 'Forced' ? 'mark forced' : 'mark'}, svg('title', {}, describe(change)),
      svg('path', {class: 'move', d: `M${cx} ${from}V${to}`}), svg('path', {class: 'shape', d: shape}));
  };
  const current = group.status.primary ? `${group.status.primary} has it now.` : 'Nobody has it now.';
  return svg('svg', {class: 'timeline', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label':
    `Who had the role: ${changes.length} role changes since ${localTime(new Date(first))}. ${current} The table below says the same.`},
  pods.map((pod) => svg('g', {},
    svg('line', {class: 'lane', x1: names, x2: width - 8, y1: y(pod) + ROW / 2, y2: y(pod) + ROW / 2}),
    svg('text', {class: 'lane-name', x: 0, y: y(pod) + ROW / 2 + 5}, cut(pod), svg('title', {}, pod)))),
  ticks(begin, now).map((tick) => svg('g', {class: 'tick'},
    svg('line', {x1: x(tick.t), x2: x(tick.t), y1: 0, y2: height - AXIS + 5}),
    svg('text', {x: x(tick.t), y: height - 5, 'text-anchor': 'middle'}, tickText(tick)))),
  list.map(bar).filter(Boolean), changes.map(mark).filter(Boolean));
}

const DAY = 86400000;
const SPANS = [['1 hour', DAY / 24], ['24 hours', DAY], ['7 days', 7 * DAY], ['All', null]];

// The buttons that say how far back; `chosen(span)` is called.
export function spanButtons(span, chosen) {
  return el('div', {class: 'spans', role: 'group', 'aria-label': 'How far back'}, SPANS.map(([words, length]) => el(
    'button', {type: 'button', class: 'toggle', 'aria-pressed': String(span === length), on: {click: () => chosen(length)}}, words)));
}
