// A group's members as a picture: a box for each zone, in it the pods.
import {members} from './attention.js';
import {el} from './dom.js';
import {number, shortNumber} from './format.js';
import {podGlyph} from './icons.js';
import {MEMBER_REASONS} from './words.js';

const MOST = 24;  // pods in a small picture

// The label's value is the group's own choice, so the primary is told by status.primary.
export function roleOf(group, member) {
  if (member.pod === group.status.primary) return 'primary';
  return member.role ? 'standby' : 'none';
}

export const roleWords = {primary: 'primary', standby: 'standby', none: 'no role'};
export const memberReason = (member) => MEMBER_REASONS[member.reason] ?? member.reason ?? '';

function sentence(group, member) {
  const parts = [`${member.pod}: ${roleWords[roleOf(group, member)]}`, member.ready ? 'ready' : 'not ready'];
  if (member.zone) parts.push(`zone ${member.zone}`);
  if (member.lag) parts.push(`lags by ${number(member.lag)}`);
  const reason = memberReason(member);
  if (reason && reason !== 'is not ready') parts.push(reason);
  return parts.join(', ');
}

// Names of pods mostly begin with the group's: the end tells them apart.
export function shortName(group, pod) {
  if (pod.startsWith(`${group.name}-`)) return pod.slice(group.name.length);
  return pod.length > 14 ? `…${pod.slice(-13)}` : pod;
}

function zonesOf(list) {
  const zones = new Map();
  for (const member of list) {
    const zone = member.zone ?? '';
    zones.set(zone, [...(zones.get(zone) ?? []), member]);
  }
  return [...zones].sort(([a], [b]) => a.localeCompare(b, 'en', {numeric: true}));
}

function pod(group, member, large) {
  const role = roleOf(group, member);
  const note = !member.ready ? 'not ready' : member.lag ? `+${shortNumber(member.lag)}` : '';
  return el('span', {class: `pod ${role}`, title: sentence(group, member)},
    podGlyph(role, member.ready),
    el('span', {class: 'pod-name'}, large ? member.pod : shortName(group, member.pod)),
    note && el('span', {class: member.ready ? 'pod-note' : 'pod-note bad'}, note));
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
      el('span', {class: 'pods'}, list.map((m) => pod(group, m, large))))),
    all.length > shown.length && el('span', {class: 'more'}, `and ${all.length - shown.length} more`));
}

// What of a group the picture shows.
export const pictureModel = (group) => members(group).map(
  ({pod: name, role, ready, zone, lag, reason}) => ({name, role, ready, zone, lag, reason}));
