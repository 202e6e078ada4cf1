import type { Schemas } from '@/api/client';

/** "orders 0-2, 5; refunds 1": what a member has, by topic. */
export function assignmentText(assignment: readonly Schemas['TopicPartition'][]): string {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of assignment) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  return [...byTopic]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([topic, partitions]) => `${topic} ${ranges(partitions)}`)
    .join('; ');
}

/** "0-2, 5". */
export function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const n of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && n === last[1] + 1) last[1] = n;
    else runs.push([n, n]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

const ID_MAX = 24;
const ID_END = 6;

/** "lanemq-cli-31…6459f5". */
export const shortId = (id: string) =>
  id.length <= ID_MAX ? id : `${id.slice(0, ID_MAX - ID_END - 1)}…${id.slice(-ID_END)}`;
