/** Where a message is now, group by group, and what happened to it: words for what traceMessage tells. */
import type { Schemas } from '@/api/client';
import type { Key, Values } from '@/i18n/translate';
import { exact } from '@/lib/format';
import { pathTo } from '@/lib/location';
import type { Tone } from '@/ui/Badge';

export type Trace = Schemas['TraceMessageResponse'];
export type GroupTrace = Schemas['GroupTrace'];
type Removal = Schemas['TracedRemoval'];
type Deed = Schemas['TracedDeed'];

/** A text with what is filled in. */
export interface Words {
  text: Key;
  values?: Values;
}

const PLACES: Record<string, [Tone, Key]> = {
  stored: ['good', 'trace.stored'],
  removed: ['quiet', 'trace.removed'],
  lost: ['bad', 'trace.lost'],
  missing: ['warn', 'trace.missing'],
  not_yet: ['info', 'trace.notYet'],
};

/** Of the message; null: a word that these pages do not know. */
export const placeOf = (place: string) => PLACES[place] ?? null;

/** A sentence about the log. */
export function logWords(trace: Trace, offset: bigint): Words {
  switch (trace.place) {
    case 'stored':
      return trace.lost_at_us ? { text: 'trace.storedAnew' } : { text: 'trace.storedIn' };
    case 'removed':
      return trace.removal ? removalWords(trace.removal) : { text: 'trace.removedSomehow' };
    case 'lost':
      return { text: 'trace.lostWhy' };
    case 'missing':
      return trace.next_offset
        ? { text: 'trace.missingNext', values: { next: exact(trace.next_offset) } }
        : { text: 'trace.missingWhy' };
    case 'not_yet':
      return { text: 'trace.notYetWhy', values: { n: exact(offset - BigInt(trace.log_end)) } };
    default:
      return { text: 'trace.elsewhere', values: { place: trace.place } };
  }
}

export function removalWords({ cause, requested_by: who }: Removal): Words {
  if (cause === 'trim') return who ? { text: 'trace.trimmedBy', values: { who } } : { text: 'trace.trimmed' };
  if (cause === 'time') return { text: 'trace.removedTime' };
  return cause === 'size' ? { text: 'trace.removedSize' } : { text: 'trace.removedBy', values: { cause } };
}

const GROUP_PLACES: Record<string, [Tone, Key]> = {
  dead_letter: ['bad', 'trace.deadLetter'],
  removed_unread: ['bad', 'trace.removedUnread'],
  retrying: ['warn', 'trace.retrying'],
  handling: ['info', 'trace.handling'],
  not_read: ['quiet', 'trace.notRead'],
  passed: ['good', 'trace.passed'],
};

const DEEDS: Record<string, Key> = {
  redrive_to_group: 'trace.redriveToGroup',
  redrive_to_topic: 'trace.redriveToTopic',
  edit: 'trace.edit',
  drop: 'trace.drop',
  expire: 'trace.expire',
};
const isDropped = ({ action }: Deed) => action === 'drop' || action === 'expire';

/** A group that is past it is so as it was done, or by what somebody did to its dead letter. */
export function groupPlace(group: GroupTrace): [Tone, Key] | null {
  const [deed] = (group.deeds ?? []).filter((one) => one.is_exact);
  if (group.place === 'passed' && deed) return isDropped(deed) ? ['warn', 'trace.dropped'] : ['good', 'trace.redriven'];
  return GROUP_PLACES[group.place] ?? null;
}

/** Those that somebody has to look at first; the rest by name, as they come. */
const ORDER = Object.keys(GROUP_PLACES);
const rankOf = ({ place }: GroupTrace) => (ORDER.includes(place) ? ORDER.indexOf(place) : ORDER.length);
export const byUrgency = (groups: readonly GroupTrace[]) => [...groups].sort((a, b) => rankOf(a) - rankOf(b));

/** How a group is with it, and since when. */
export function groupWords(group: GroupTrace): Words & { atUs: string } {
  const { retrying, dead_letter: letter, removed_unread: removed, committed_at_us: atUs } = group;
  if (letter) return { text: 'trace.afterAttempts', values: { n: letter.attempts }, atUs: letter.dead_at_us };
  if (retrying) {
    const text = retrying.is_being_handled ? 'trace.attemptRuns' : 'trace.attemptsSoFar';
    return { text, values: { n: retrying.attempts }, atUs: retrying.last_failed_at_us };
  }
  if (removed) return { ...removalWords(removed), atUs: removed.at_us };
  if (group.place === 'handling') return { text: 'trace.attemptRuns', values: { n: group.attempts ?? 1 }, atUs };
  if (group.committed_offset === undefined) return { text: 'trace.nothingCommitted', atUs };
  const offset = exact(group.committed_offset);
  if (group.behind === undefined) return { text: 'trace.readsOn', values: { offset }, atUs };
  if (group.behind === '0') return { text: 'trace.nextOne', atUs };
  return { text: 'trace.behind', values: { n: exact(group.behind), offset }, atUs };
}

/** What went wrong last: a word, and what the handler said, or why that is left out. */
export function failureOf(group: GroupTrace): string {
  const failed = group.dead_letter ?? group.retrying;
  return [failed?.reason, failed?.last_error].filter(Boolean).join(': ');
}

/** Where the dead letter is looked at. */
export function letterPath({ group, dead_letter: letter }: GroupTrace, message: string): string | null {
  if (!letter) return null;
  const query = new URLSearchParams({ letter: message, dead: letter.dead_at_us });
  return `${pathTo('/groups/:group/dead-letters', { group })}?${query.toString()}`;
}

export interface Happening extends Words {
  atUs: string;
  tone: Tone;
  group?: string;
  who?: string;
  why?: string;
  /** It may have been about others alone. */
  isMaybe?: boolean;
  redrive?: { id: string; state: string };
}

function deedHappening(group: string, deed: Deed): Happening {
  return {
    atUs: deed.at_us,
    tone: isDropped(deed) ? 'warn' : 'info',
    text: DEEDS[deed.action] ?? 'trace.deed',
    values: { action: deed.action },
    group,
    ...(deed.requested_by && { who: deed.requested_by }),
    ...(deed.reason && { why: deed.reason }),
    ...(!deed.is_exact && { isMaybe: true }),
    ...(deed.redrive_id && { redrive: { id: deed.redrive_id, state: deed.redrive_state ?? '' } }),
  };
}

function groupHappenings(of: GroupTrace): Happening[] {
  const { group, dead_letter: letter, retrying } = of;
  const failed = letter ?? retrying;
  const told: Happening[] = (of.deeds ?? []).map((deed) => deedHappening(group, deed));
  if (failed) {
    told.push({ atUs: failed.first_failed_at_us, tone: 'warn', text: 'trace.firstFailed', group });
    if (failed.last_failed_at_us !== failed.first_failed_at_us) {
      told.push({ atUs: failed.last_failed_at_us, tone: 'warn', text: 'trace.lastFailed', group });
    }
  }
  if (letter) {
    const values = { n: letter.attempts };
    told.push({ atUs: letter.dead_at_us, tone: 'bad', text: 'trace.gaveUp', values, group });
  }
  return told;
}

/** All that has a time, oldest first; what happened at once stays as it was told. */
export function happeningsOf(trace: Trace): Happening[] {
  const { removal, timestamp_us: storedUs, lost_at_us: lostUs } = trace;
  const told: Happening[] = [];
  if (storedUs) told.push({ atUs: storedUs, tone: 'good', text: 'trace.wasStored' });
  if (lostUs) told.push({ atUs: lostUs, tone: 'bad', text: 'trace.wasLost' });
  told.push(...trace.groups.flatMap(groupHappenings));
  if (removal) {
    const why = removal.reason ? { why: removal.reason } : {};
    told.push({ atUs: removal.at_us, tone: 'quiet', ...removalWords(removal), ...why });
  }
  return told.sort((a, b) => Number(BigInt(a.atUs) - BigInt(b.atUs)));
}
