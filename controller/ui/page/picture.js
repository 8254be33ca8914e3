// A group's members as a picture: a box for each zone, in it the pods.
import {members} from './attention.js';
import {el} from './dom.js';
import {number, shortNumber} from './format.js';
import {podGlyph} from './icons.js';
import {MEMBER_REASONS} from './words.js';

const MOST = 24;        // pods in a small picture
const LONGEST_END = 7;  // letters of a name

const isNext = (group, member) => member.pod === group.activeRequest?.status?.to && member.pod !== group.status.primary;

// The labels' values are the group's own choice, so the primary is told by status.primary. Only where several claim the
// role another pod's label has to be looked at.
export function roleOf(group, member) {
  const {primary} = group.status;
  if (member.pod === primary) return 'primary';
  if (group.status.phase === 'SplitBrain') {
    const label = members(group).find((m) => m.pod === primary)?.role || 'primary';
    if (member.role === label) return 'claimant';
  }
  return member.role ? 'standby' : 'none';
}

export const roleWords = {primary: 'primary', claimant: 'primary too', standby: 'standby', none: 'no role'};
export const memberReason = (member) => MEMBER_REASONS[member.reason] ?? member.reason ?? '';

function sentence(group, member) {
  const parts = [`${member.pod}: ${roleWords[roleOf(group, member)]}`, member.ready ? 'ready' : 'not ready'];
  if (member.zone) parts.push(`zone ${member.zone}`);
  if (member.lag) parts.push(`lags by ${number(member.lag)}`);
  if (isNext(group, member)) parts.push('is to get the role');
  const reason = memberReason(member);
  if (reason && reason !== 'is not ready') parts.push(reason);
  return parts.join(', ');
}

// Names of pods mostly begin alike: where there is no place for all of a name, its end stays.
function podName(name) {
  const cut = Math.max(name.lastIndexOf('-'), name.length - LONGEST_END);
  return el('span', {class: 'pod-name'}, el('span', {class: 'head'}, name.slice(0, cut)), el('span', {class: 'tail'}, name.slice(cut)));
}

function zonesOf(list) {
  const zones = new Map();
  for (const member of list) {
    const zone = member.zone ?? '';
    zones.set(zone, [...(zones.get(zone) ?? []), member]);
  }
  return [...zones].sort(([a], [b]) => a.localeCompare(b, 'en', {numeric: true}));
}

function noteOf(group, member) {
  if (!member.ready) return 'not ready';
  if (isNext(group, member)) return 'next';
  if (roleOf(group, member) === 'claimant') return 'primary too';
  return member.lag ? `lag ${shortNumber(member.lag)}` : '';
}

function pod(group, member) {
  const role = roleOf(group, member);
  const note = noteOf(group, member);
  const bad = !member.ready || role === 'claimant';
  return el('span', {class: `pod ${role}`, title: sentence(group, member)},
    podGlyph(role, member.ready),
    podName(member.pod),
    note && el('span', {class: bad ? 'pod-note bad' : 'pod-note'}, note));
}

export function picture(group, large = false) {
  const all = members(group);
  if (all.length === 0) return el('p', {class: 'quiet'}, 'No pod matches the group’s selector.');
  const shown = large ? all : all.slice(0, MOST);
  const zones = zonesOf(shown);
  const label = `Members. ${all.map((m) => sentence(group, m)).join('. ')}.`;
  return el('div', {class: large ? 'picture large' : 'picture', role: 'img', 'aria-label': label},
    zones.map(([zone, list]) => el('span', {class: 'zone'},
      el('span', {class: 'zone-name', title: zone || 'The zone is not known'}, zone || 'no zone'),
      el('span', {class: 'pods'}, list.map((m) => pod(group, m))))),
    all.length > shown.length && el('span', {class: 'more'}, `and ${all.length - shown.length} more`));
}

// What of a group the picture shows.
export const pictureModel = (group) => members(group).map((member) => ({
  name: member.pod, role: roleOf(group, member), next: isNext(group, member), ready: member.ready, zone: member.zone,
  lag: member.lag, reason: member.reason}));
