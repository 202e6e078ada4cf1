/** Where a group and the logs are, asked for a plan: bounded calls, and an error rather than half an answer. */
import { http, type Schemas, take } from '@/api/client';
import { ApiError } from '@/api/problem';

import { parsePartitions, type Place, planReset, type PlannedPlace, type Way } from './resetPlan';

const PARTITIONS_PER_CALL = 500;
const LOG_START = '-2';
const LOG_END = '-1';

export interface ResetWish {
  group: string;
  /** '': all that the group has committed. */
  topic: string;
  /** "0,2-4"; '': all of them. */
  partitions: string;
  way: Way;
  /** The offset, or by how much. */
  value: bigint;
  timeUs: string;
  other: string;
}

type Named = Schemas['TopicPartition'];

const nameOf = ({ topic, partition }: Named) => `${topic}/${partition}`;

async function committedBy(group: string): Promise<Map<string, string>> {
  const { partitions } = await take(http.GET('/groups/{group}/offsets', { params: { path: { group } } }));
  const rows = partitions.filter(({ offset }) => offset !== undefined && !offset.startsWith('-'));
  return new Map(rows.map((row) => [nameOf(row), row.offset as string]));
}

async function partitionsOf(topic: string): Promise<Named[]> {
  const { topic: found } = await take(http.GET('/topics/{name}', { params: { path: { name: topic } } }));
  return found.partitions.map(({ partition }) => ({ topic, partition }));
}

/** Null: the list of partitions is none, or names one that is not there. */
export async function scopeOf(wish: ResetWish, committed: Map<string, string>): Promise<Named[] | null> {
  const topics = wish.topic
    ? [wish.topic]
    : [...new Set([...committed.keys()].map((name) => name.slice(0, name.lastIndexOf('/'))))];
  const found = (await Promise.all(topics.map(partitionsOf))).flat();
  if (!wish.topic || wish.partitions.trim() === '') return found;
  const chosen = parsePartitions(wish.partitions, found.length);
  return chosen && found.filter(({ partition }) => chosen.includes(partition));
}

async function offsetsAt(scope: Named[], timestamp_us: string): Promise<Map<string, string>> {
  const offsets = new Map<string, string>();
  for (let at = 0; at < scope.length; at += PARTITIONS_PER_CALL) {
    const asked = scope.slice(at, at + PARTITIONS_PER_CALL).map((one) => ({ ...one, timestamp_us }));
    const { partitions } = await take(http.POST('/offsets:list', { body: { partitions: asked } }));
    for (const result of partitions) {
      const { error, offset } = result;
      if (error) throw new ApiError(500, error.code, `${nameOf(result)}: ${error.message}`, error.request_id);
      if (offset !== undefined) offsets.set(nameOf(result), offset);
    }
  }
  return offsets;
}

export async function readPlaces(wish: ResetWish): Promise<Place[] | null> {
  const committed = await committedBy(wish.group);
  const scope = await scopeOf(wish, committed);
  if (!scope) return null;
  const none = Promise.resolve(new Map<string, string>());
  const [starts, ends, times, others] = await Promise.all([
    offsetsAt(scope, LOG_START),
    offsetsAt(scope, LOG_END),
    wish.way === 'time' ? offsetsAt(scope, wish.timeUs) : none,
    wish.way === 'group' ? committedBy(wish.other) : none,
  ]);
  return scope.map((one) => {
    const name = nameOf(one);
    return {
      ...one,
      committed: committed.get(name),
      logStart: starts.get(name) ?? '0',
      logEnd: ends.get(name) ?? '0',
      atTime: times.get(name),
      other: others.get(name),
    };
  });
}

/** Null: see scopeOf. */
export async function readPlan(wish: ResetWish): Promise<PlannedPlace[] | null> {
  const places = await readPlaces(wish);
  return places && planReset(places, wish.way, wish.value);
}

/** The same as a command line, which shows its plan too. */
export function resetWords(wish: Omit<ResetWish, 'value' | 'timeUs'> & { value: string; time: string }): string[] {
  const scope = wish.topic
    ? ['--topic', wish.partitions.trim() ? `${wish.topic}:${wish.partitions.replaceAll(' ', '')}` : wish.topic]
    : ['--all-topics'];
  const ways: Record<Way, string[]> = {
    earliest: ['--to-earliest'],
    latest: ['--to-latest'],
    time: ['--to-datetime', wish.time],
    offset: ['--to-offset', wish.value],
    shift: ['--shift-by', wish.value],
    group: ['--from-group', wish.other],
  };
  return ['group', 'reset', wish.group, ...scope, ...ways[wish.way]];
}
