/** What a reset of offsets would do, before it is done. */
import type { Schemas } from '@/api/client';
import { toBig } from '@/lib/format';

export const WAYS = ['earliest', 'latest', 'time', 'offset', 'shift', 'group'] as const;
export type Way = (typeof WAYS)[number];
export const isWay = (text: string): text is Way => (WAYS as readonly string[]).includes(text);

/** A partition as it is now. Offsets are text, as the API has them. */
export interface Place {
  topic: string;
  partition: number;
  /** Absent: the group has committed nothing there. */
  committed?: string;
  logStart: string;
  logEnd: string;
  /** The first message since the time that was asked for; by "time" alone. */
  atTime?: string;
  /** Where the other group is; by "group" alone, absent: it has nothing there. */
  other?: string;
}

/** Why the new offset is not the one that was asked for, or is worth a look. */
export type Note = 'beforeStart' | 'pastEnd' | 'nothingNewer' | 'nothingCommitted' | 'otherHasNone' | 'unchanged';

export interface PlannedPlace {
  topic: string;
  partition: number;
  old: bigint | null;
  /** Null: it stays as it is. */
  next: bigint | null;
  /** New less old; null where there is nothing to compare. */
  delta: bigint | null;
  logStart: bigint;
  logEnd: bigint;
  note: Note | null;
}

const big = (text: string | undefined) => (text === undefined ? null : toBig(text));

function wantedOf(place: Place, way: Way, value: bigint): { wanted: bigint | null; note: Note | null } {
  const [start, end] = [big(place.logStart) ?? 0n, big(place.logEnd) ?? 0n];
  const committed = big(place.committed);
  switch (way) {
    case 'earliest':
      return { wanted: start, note: null };
    case 'latest':
      return { wanted: end, note: null };
    case 'offset':
      return { wanted: value, note: null };
    case 'shift':
      if (committed === null) return { wanted: null, note: 'nothingCommitted' };
      return { wanted: committed + value, note: null };
    case 'time': {
      const at = big(place.atTime) ?? end;
      return { wanted: at, note: at >= end ? 'nothingNewer' : null };
    }
    case 'group': {
      const other = big(place.other);
      return { wanted: other, note: other === null ? 'otherHasNone' : null };
    }
  }
}

/** Within what the log has: fetches beyond it fail. */
function planned(place: Place, way: Way, value: bigint): PlannedPlace {
  const [logStart, logEnd] = [big(place.logStart) ?? 0n, big(place.logEnd) ?? 0n];
  const old = big(place.committed);
  let { wanted: next, note } = wantedOf(place, way, value);
  if (next !== null && next < logStart) [next, note] = [logStart, 'beforeStart'];
  if (next !== null && next > logEnd) [next, note] = [logEnd, 'pastEnd'];
  if (next !== null && next === old) note ??= 'unchanged';
  const delta = next === null || old === null ? null : next - old;
  return { topic: place.topic, partition: place.partition, old, next, delta, logStart, logEnd, note };
}

/** By topic and partition. `value`: the offset, or how far to shift; others do not look at it. */
export const planReset = (places: readonly Place[], way: Way, value = 0n): PlannedPlace[] =>
  places
    .map((place) => planned(place, way, value))
    .sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition);

/** The opposite of past resets: where the offsets were before them. */
export function planBack(resets: readonly Schemas['OffsetReset'][], places: readonly Place[]): PlannedPlace[] {
  const back = new Map(resets.map((reset) => [`${reset.topic}/${reset.partition}`, reset.old_offset]));
  return places.flatMap((place) => {
    const old = back.get(`${place.topic}/${place.partition}`);
    return old === undefined || old.startsWith('-') ? [] : planReset([place], 'offset', BigInt(old));
  });
}

export interface PlanSummary {
  /** Partitions whose offset changes. */
  moved: number;
  /** Messages that are read (again), and that are never read. */
  again: bigint;
  skipped: bigint;
}

export function summaryOf(plan: readonly PlannedPlace[]): PlanSummary {
  const summary: PlanSummary = { moved: 0, again: 0n, skipped: 0n };
  for (const { old, next, logStart } of plan) {
    if (next === null || next === old) continue;
    summary.moved += 1;
    // Who has committed nothing has read nothing: what is before the new offset is skipped.
    const from = old ?? logStart;
    if (next < from) summary.again += from - next;
    else summary.skipped += next - from;
  }
  return summary;
}

/** What is sent: those that change; equal ones would make members seek for nothing. */
export const toSend = (plan: readonly PlannedPlace[]): Schemas['ResetPartition'][] =>
  plan.flatMap(({ topic, partition, old, next }) =>
    next === null || next === old ? [] : [{ topic, partition, offset: String(next) }],
  );

/** "0,2-4" of so many partitions; "": all of them. Null: not such a list, or one that is not there. */
export function parsePartitions(text: string, count: number): number[] | null {
  const all = Array.from({ length: count }, (_, i) => i);
  if (text.trim() === '') return all;
  const chosen = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*$/.exec(part);
    if (!match) return null;
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (first > last || last >= count) return null;
    for (let i = first; i <= last; i += 1) chosen.add(i);
  }
  return all.filter((i) => chosen.has(i));
}
