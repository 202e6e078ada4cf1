/** What the pages of a topic read. */
import { useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import { useRead } from '@/api/read';
import { isAnonymous, useSession } from '@/api/session';

import { readTopic } from './deletion';
import {
  ASKS_MAX,
  byMark,
  chunks,
  type Ends,
  endsOf,
  FIRST_EVER,
  LOG_END,
  LOG_START,
  markAgo,
  offsetAsks,
  type OffsetTold,
  sinceMark,
  WINDOWS_MS,
} from './offsets';
import type { Topic } from './topicRow';

/** The topic; one that is deleted and can be brought back has a `deletion`. */
export const useTopic = (name: string) => useRead(['topics', name], (signal) => readTopic(name, signal));

const partitionsOf = (topic: Topic) => topic.partitions.map((one) => one.partition).sort((a, b) => a - b);

/** Some answers of listOffsets, by mark and partition; as many calls as it takes. */
export async function readMarks(topic: string, partitions: number[], marks: string[], signal?: AbortSignal) {
  const asks = offsetAsks(topic, partitions, marks);
  const told: OffsetTold[] = [];
  for (const chunk of chunks(asks, ASKS_MAX)) {
    const answer = await take(http.POST('/offsets:list', { body: { partitions: chunk }, signal }));
    told.push(...answer.partitions);
  }
  return byMark(asks, told);
}

/** Where each partition begins and ends, and since when the first message is there. */
export const useEnds = (topic: Topic | undefined, { withOldest = false }: { withOldest?: boolean } = {}) =>
  useRead<Ends[]>(
    ['topics', topic?.name, 'ends', topic?.partitions.length, withOldest],
    async (signal) => {
      const partitions = partitionsOf(topic as Topic);
      const marks = [LOG_START, LOG_END, ...(withOldest ? [FIRST_EVER] : [])];
      return endsOf(partitions, await readMarks((topic as Topic).name, partitions, marks, signal));
    },
    { enabled: topic?.state === 'ACTIVE' },
  );

/** With more partitions, finding the offsets of a time would keep data nodes busy for a number to look at. */
export const TRAFFIC_PARTITIONS_MAX = 100;
const TRAFFIC_REFRESH_MS = 15_000;

/** How many messages came in each of WINDOWS_MS until now; null where a partition did not tell. */
export const useTraffic = (topic: Topic) =>
  useRead<(bigint | null)[]>(
    ['topics', topic.name, 'traffic', topic.partitions.length],
    async (signal) => {
      const marks = WINDOWS_MS.map((ms) => markAgo(Date.now(), ms));
      const read = await readMarks(topic.name, partitionsOf(topic), [...marks, LOG_END], signal);
      return marks.map((mark) => sinceMark(mark, read));
    },
    {
      enabled: topic.state === 'ACTIVE' && topic.partitions.length <= TRAFFIC_PARTITIONS_MAX,
      refresh: TRAFFIC_REFRESH_MS,
    },
  );

/** A cluster that asks nobody who he is: everybody may everything, and there is no policy. */
export function useIsOpen(): boolean {
  const session = useSession().data;
  return session ? isAnonymous(session) : false;
}

export type Action = 'describe' | 'produce' | 'consume' | 'peek' | 'manage';
export type Access = Record<Action, { isAllowed: boolean; because: string }>;
const ACTIONS: Action[] = ['describe', 'produce', 'consume', 'peek', 'manage'];
const OPEN = Object.fromEntries(ACTIONS.map((action) => [action, { isAllowed: true, because: '' }])) as Access;

const NEW_MS = 1_000;
const NEW_LOOKS = 20;

/**
 * What whoever sits here may do with the topic, and why; undefined until it is known. `isNew`: it was just made, and
 * rights count within a second or two.
 */
export function useAccess(topic: string, { isNew = false } = {}): Access | undefined {
  const isOpen = useIsOpen();
  const [looks, setLooks] = useState(isNew ? NEW_LOOKS : 0);
  const read = useRead<Access>(
    ['access', 'topic', topic],
    async (signal) => {
      const told = await Promise.all(
        ACTIONS.map((action) =>
          take(http.GET('/access:explain', { params: { query: { kind: 'topic', name: topic, action } }, signal })),
        ),
      );
      const access = Object.fromEntries(
        ACTIONS.map((action, i) => [
          action,
          { isAllowed: told[i]?.is_allowed ?? false, because: told[i]?.because ?? '' },
        ]),
      ) as Access;
      setLooks((left) => (access.produce.isAllowed && access.consume.isAllowed ? 0 : Math.max(left - 1, 0)));
      return access;
    },
    { enabled: !isOpen, refresh: looks > 0 ? NEW_MS : 60_000 },
  );
  return isOpen ? OPEN : read.data;
}

/** Data nodes by id, for those who may know them; undefined for others. */
export function useNodes(): Map<string, Schemas['DataNode']> | undefined {
  const session = useSession().data;
  const mayKnow = session !== null && session !== undefined && (isAnonymous(session) || session.role !== 'viewer');
  const read = useRead(
    ['nodes', 'by-id'],
    async (signal) => {
      const { nodes } = await take(http.GET('/nodes', { params: { query: { limit: 1_000 } }, signal }));
      return new Map(nodes.map((node) => [node.node_id, node]));
    },
    { enabled: mayKnow, refresh: 60_000 },
  );
  return read.data;
}

export const useLagOf = (topic: string) =>
  useRead(['lag', 'topic', topic], (signal) =>
    take(http.GET('/lag', { params: { query: { topic, limit: 100, sort: '-lag_messages' } }, signal })),
  );
