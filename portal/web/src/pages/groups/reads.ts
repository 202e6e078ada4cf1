/** What the pages of one group read. Keys begin with ['groups', group], so an act reads all of it again. */
import { http, type Schemas, take } from '@/api/client';
import { useRead } from '@/api/read';

import { verdictOf, worstFirst } from './lagRow';

const ALL = 1_000;

export const groupKey = (group: string) => ['groups', group] as const;

/** Whoever changes offsets or pauses makes lag another too. */
export const touchedBy = (group: string) => [groupKey(group), ['lag']];

/** Its topics, the worst first, with partitions. */
export function useGroupLag(group: string) {
  return useRead(['lag', group], async (signal) => {
    const params = { path: { group }, query: { include_partitions: true, max: ALL, limit: ALL } };
    const answer = await take(http.GET('/groups/{group}/lag', { params, signal }));
    return { ...answer, topics: worstFirst(answer.topics) };
  });
}

/** State, members, coordinator and rebalances. NOT_FOUND for a group that nobody ever joined. */
export const useGroup = (group: string) =>
  useRead(groupKey(group), (signal) => take(http.GET('/groups/{group}', { params: { path: { group } }, signal })));

export const useOffsets = (group: string) =>
  useRead([...groupKey(group), 'offsets'], (signal) =>
    take(http.GET('/groups/{group}/offsets', { params: { path: { group } }, signal })),
  );

export const useDeadLetterCounts = (group: string) =>
  useRead([...groupKey(group), 'dead-letter-counts'], (signal) =>
    take(
      http.GET('/groups/{group}/dead-letter-counts', { params: { path: { group }, query: { limit: ALL } }, signal }),
    ),
  );

export const lettersOf = (counts: readonly Schemas['DeadLetterCount'][]): bigint =>
  counts.reduce((sum, count) => sum + BigInt(count.letters), 0n);

/** The verdict on all of a group: its worst topic's. */
export const worstStatus = (topics: readonly { status: string }[]): string | null =>
  topics.reduce<string | null>(
    (worst, { status }) => (worst === null || verdictOf(status).rank > verdictOf(worst).rank ? status : worst),
    null,
  );
