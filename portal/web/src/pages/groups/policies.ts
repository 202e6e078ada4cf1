/** A group's retry policies, as data nodes keep them: each has a copy. */
import type { Schemas } from '@/api/client';
import { compareBig } from './lagRow';

export interface HeldPolicy {
  /** '': for all topics without one of their own. */
  topic: string;
  policy: Schemas['RetryPolicy'];
  at_us?: string;
  requested_by?: string;
  /** Data nodes have different ones: a node was added, or unreachable, since. Set it again. */
  isUneven: boolean;
}

/** One for each topic, the newest; the one for all topics first. */
export function policiesOf(rows: readonly Schemas['GroupPolicy'][]): HeldPolicy[] {
  const nodes = new Set(rows.map(({ node_id }) => node_id ?? ''));
  const byTopic = new Map<string, Schemas['GroupPolicy'][]>();
  for (const row of rows) byTopic.set(row.topic ?? '', [...(byTopic.get(row.topic ?? '') ?? []), row]);
  return [...byTopic]
    .map(([topic, held]) => {
      const newest = held.reduce((best, row) => (compareBig(row.at_us ?? '0', best.at_us ?? '0') > 0 ? row : best));
      const texts = new Set(held.map(({ policy }) => JSON.stringify(policy)));
      const isUneven = texts.size > 1 || new Set(held.map(({ node_id }) => node_id ?? '')).size < nodes.size;
      return { topic, policy: newest.policy, at_us: newest.at_us, requested_by: newest.requested_by, isUneven };
    })
    .sort((a, b) => a.topic.localeCompare(b.topic));
}
