/** What is said about capacity: figures of the server as words. */
import type { Schemas } from '@/api/client';
import type { Key, Values } from '@/i18n/translate';
import { exact } from '@/lib/format';
import type { Tone } from '@/ui/Badge';

export type Advice = Schemas['AdviseCapacityResponse'];
export type NodeRoom = Schemas['NodeRoom'];

const verdicts: Record<Advice['verdict'], { tone: Tone; text: Key }> = {
  FINE: { tone: 'good', text: 'capacity.fine' },
  EXPAND: { tone: 'warn', text: 'capacity.expand' },
  SHRINK: { tone: 'info', text: 'capacity.shrink' },
};

const causes: Partial<Record<string, Key>> = {
  no_writable_node: 'capacity.noWritableNode',
  no_room: 'capacity.noRoom',
  tables_low: 'capacity.tablesLow',
  bytes_low: 'capacity.bytesLow',
  node_to_spare: 'capacity.nodeToSpare',
};

export const verdictOf = (advice: Advice) => verdicts[advice.verdict] ?? null;

const percentOf = (part: bigint, all: bigint) => (all > 0n ? Number((part * 1000n) / all) / 10 : 0);

/** Why, each a sentence; with FINE that it is. */
export function reasonsOf(advice: Advice): [Key, Values][] {
  const values = {
    ahead: exact(advice.partitions_ahead),
    free: exact(advice.tables_free),
    nodes: advice.nodes
      .filter((one) => one.can_be_emptied)
      .map((one) => one.node)
      .join(', '),
  };
  if (advice.causes.length === 0) return [['capacity.fineWhy', values]];
  return advice.causes.flatMap((cause): [Key, Values][] => {
    const key = causes[cause];
    return key ? [[key, values]] : [];
  });
}

/** Per cent of its tables; null: it can have none. */
export function tableShare(room: { tables_used: string; tables_free: string }): number | null {
  const used = BigInt(room.tables_used);
  const all = used + BigInt(room.tables_free);
  return all > 0n ? percentOf(used, all) : null;
}

/** Per cent of its bytes; null: not known, or not declared. */
export function byteShare(room: NodeRoom): number | null {
  if (room.used_bytes === undefined || room.capacity_bytes === undefined) return null;
  const all = BigInt(room.capacity_bytes);
  return all > 0n ? percentOf(BigInt(room.used_bytes), all) : null;
}

/** What is asked for: a whole number that the server takes; null: it is none, undefined: nothing. */
export function aheadFrom(text: string): number | null | undefined {
  if (text.trim() === '') return undefined;
  return /^\d{1,7}$/.test(text.trim()) && Number(text) <= 1_000_000 ? Number(text) : null;
}
