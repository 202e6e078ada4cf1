/** Removing a topic's oldest messages: what is asked, and what would go. */
import { ApiError } from '@/api/problem';
import type { Schemas } from '@/api/client';
import { toBig } from '@/lib/format';

import type { Ends } from './offsets';

export type TrimAsk = Schemas['TrimPartition'];
export type TrimTold = Schemas['TrimPartitionResult'];

/** Of one call. */
export const TRIM_MAX = 1_000;

/** All that is there: up to the ends as they were read, so that what comes meanwhile stays. Empty ones have nothing. */
export const asksOfAll = (topic: string, ends: readonly Ends[]): TrimAsk[] =>
  ends
    .filter(({ start, end }) => start !== null && end !== null && end > start)
    .map(({ partition, end }) => ({ topic, partition, before_offset: String(end) }));

/** What was stored before a moment. */
export const asksBefore = (topic: string, partitions: readonly number[], beforeMs: number): TrimAsk[] =>
  partitions.map((partition) => ({ topic, partition, before_us: String(BigInt(Math.round(beforeMs)) * 1_000n) }));

export interface TrimOutlook {
  messages: bigint;
  /** Those that have not read what goes. */
  groups: string[];
  /** Partitions that refuse, by why, the most frequent first. */
  refused: [message: string, partitions: number][];
  /** Some refuse because groups have not read, and `retention.unread` says that this blocks. */
  isBlocked: boolean;
}

export function outlookOf(told: readonly TrimTold[]): TrimOutlook {
  const groups = new Set<string>();
  const refused = new Map<string, number>();
  let messages = 0n;
  for (const { error, old_start, new_start, groups_below = [] } of told) {
    for (const group of groups_below) groups.add(group);
    if (error) refused.set(error.message, (refused.get(error.message) ?? 0) + 1);
    const [from, to] = [toBig(old_start), toBig(new_start)];
    if (!error && from !== null && to !== null && to > from) messages += to - from;
  }
  return {
    messages,
    groups: [...groups].sort(),
    refused: [...refused].sort((a, b) => b[1] - a[1]),
    isBlocked: told.some(({ error }) => error?.code === 'FAILED_PRECONDITION'),
  };
}

/** When nothing at all was done, why: the first refusal, as the call's own error. */
export function failureOf(told: readonly TrimTold[]): ApiError | null {
  const { error } = told[0] ?? {};
  if (!error || told.some((one) => !one.error)) return null;
  return new ApiError(409, error.code, error.message, undefined, error.request_id);
}
