// Small pictures that go with words. Each state has a shape of its own, so that colour is never all that tells it.
import {svg} from './dom.js';

const LINES = {
  Healthy: 'M3 8.5l3.2 3.2L13 4.8',
  Degraded: 'M8 2L14.6 13.6H1.4ZM8 6.2v3.6M8 11.6v.4',
  NoPrimary: 'M8 1.6a6.4 6.4 0 1 0 0 12.8a6.4 6.4 0 1 0 0-12.8M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2',
  SplitBrain: 'M8 14V9L3 3M8 9l5-6M3 6.5V3h3.5M9.5 3H13v3.5',
  Switching: 'M2 5.5h11M10 2.5l3 3l-3 3M14 10.5H3M6 7.5l-3 3l3 3',
  Paused: 'M5 3v10M11 3v10',
  Initializing: 'M3.2 8h.1M8 8h.1M12.8 8h.1',
  Done: 'M3 8.5l3.2 3.2L13 4.8',
  Failed: 'M4 4l8 8M12 4l-8 8',
  Running: 'M8 2a6 6 0 1 1-6 6',
  Pending: 'M8 3.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9',
  Skipped: 'M3 8h10',
  Forbidden: 'M8 1.6a6.4 6.4 0 1 0 0 12.8a6.4 6.4 0 1 0 0-12.8M3.5 3.5l9 9',
};

export function icon(name) {
  return svg('svg', {class: `icon icon-${name.toLowerCase()}`, viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false'},
    svg('path', {d: LINES[name] ?? LINES.Initializing}));
}

// A pod: the primary is a filled square with a P, a standby a circle with an S, a pod without a role a broken circle.
// Who is not ready is crossed out.
export function podGlyph(role, ready) {
  const shape = role === 'primary' || role === 'claimant'
    ? svg('rect', {class: 'shape', x: 1.5, y: 1.5, width: 17, height: 17, rx: 3.5})
    : svg('circle', {class: 'shape', cx: 10, cy: 10, r: 8.5});
  const letter = svg('text', {class: 'letter', x: 10, y: 14, 'text-anchor': 'middle'}, {primary: 'P', claimant: 'P', standby: 'S'}[role] ?? '?');
  const cross = ready ? null : svg('path', {class: 'cross', d: 'M1 19L19 1'});
  return svg('svg', {class: `glyph ${role} ${ready ? 'ready' : 'unready'}`, viewBox: '0 0 20 20', 'aria-hidden': 'true'}, shape, letter, cross);
}
