// Which groups a person should look at, and why. Pure.

export const keyOf = (group) => `${group.namespace}/${group.name}`;
export const members = (group) => group.status?.members ?? [];
export const phaseOf = (group) => group.status?.phase || 'Initializing';

export const condition = (group, type) => (group.status?.conditions ?? []).find((c) => c.type === type);
export const holds = (group, type) => condition(group, type)?.status === 'True';
const fails = (group, type) => condition(group, type)?.status === 'False';

const sameAs = (word, list) => list.includes(word);

// alarm: nobody serves, or nothing will go on without a person. warning: it serves, but something is wrong with it.
export function level(group) {
  const phase = phaseOf(group);
  if (sameAs(phase, ['NoPrimary', 'SplitBrain']) || holds(group, 'Held') || holds(group, 'FailoverBlocked')) return 'alarm';
  if (phase === 'Paused' && fails(group, 'PrimaryAvailable')) return 'alarm';
  if (sameAs(phase, ['Degraded', 'Initializing']) || holds(group, 'Conflict')) return 'warning';
  if (condition(group, 'Ready')?.reason === 'InvalidSpec') return 'warning';
  if (phase === 'Switching') return group.activeRequest?.trigger === 'failover' ? 'warning' : 'calm';
  return members(group).some((m) => !m.ready) ? 'warning' : 'calm';
}

export const needsAttention = (group) => level(group) !== 'calm';

const RANKS = {alarm: 0, warning: 1, calm: 2};

// Alarms first, then warnings, then the others; each by namespace and name, so that a row stays where the eye left it.
export function compare(a, b) {
  return RANKS[level(a)] - RANKS[level(b)] || a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name, 'en', {numeric: true});
}

const textOf = (group) => [group.namespace, group.name, keyOf(group), ...members(group).flatMap((m) => [m.pod, m.zone ?? ''])];

// Every word of the text has to be found somewhere.
export function matches(group, filter) {
  if (filter.attention && !needsAttention(group)) return false;
  if (filter.phase && phaseOf(group) !== filter.phase) return false;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const texts = textOf(group).map((text) => text.toLowerCase());
  return words.every((word) => texts.some((text) => text.includes(word)));
}
