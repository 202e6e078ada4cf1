/** Where logs begin and end, and how much has come in: made of offsets, which have no gaps. */
import type { Schemas } from '@/api/client';
import { toBig } from '@/lib/format';

export type OffsetAsk = Schemas['ListOffsetsPartition'];
export type OffsetTold = Schemas['ListOffsetsPartitionResult'];

/** What listOffsets takes instead of a time. */
export const LOG_START = '-2';
export const LOG_END = '-1';
/** Any message is younger: the first one, with its time. */
export const FIRST_EVER = '0';

/** Of one call. */
export const ASKS_MAX = 500;

/** Every mark of every partition, mark by mark. */
export function offsetAsks(topic: string, partitions: readonly number[], marks: readonly string[]): OffsetAsk[] {
  return marks.flatMap((mark) => partitions.map((partition) => ({ topic, partition, timestamp_us: mark })));
}

export function chunks<T>(list: readonly T[], size: number): T[][] {
  const all: T[][] = [];
  for (let i = 0; i < list.length; i += size) all.push(list.slice(i, i + size));
  return all;
}

/** By mark, then by partition. What is told stands in the order that it was asked in, but for what is refused. */
export function byMark(asks: readonly OffsetAsk[], told: readonly OffsetTold[]): Map<string, Map<number, OffsetTold>> {
  const marks = new Map<string, Map<number, OffsetTold>>();
  const isInOrder = asks.length === told.length && asks.every((ask, i) => told[i]?.partition === ask.partition);
  for (const [i, ask] of asks.entries()) {
    const one = isInOrder ? told[i] : told.find((each) => each.partition === ask.partition && each.error);
    if (!marks.has(ask.timestamp_us)) marks.set(ask.timestamp_us, new Map());
    if (one) marks.get(ask.timestamp_us)?.set(ask.partition, one);
  }
  return marks;
}

export interface Ends {
  partition: number;
  /** Null when the data node did not tell. */
  start: bigint | null;
  end: bigint | null;
  /** When the first message that is there was stored, microseconds. */
  oldestUs?: string;
  error?: string;
}

const offsetOf = (told: OffsetTold | undefined) => (told && !told.error ? toBig(told.offset) : null);

export function endsOf(partitions: readonly number[], marks: Map<string, Map<number, OffsetTold>>): Ends[] {
  return partitions.map((partition) => {
    const start = marks.get(LOG_START)?.get(partition);
    const end = marks.get(LOG_END)?.get(partition);
    const first = marks.get(FIRST_EVER)?.get(partition);
    return {
      partition,
      start: offsetOf(start),
      end: offsetOf(end),
      oldestUs: first?.error ? undefined : first?.timestamp_us,
      error: start?.error?.message ?? end?.error?.message,
    };
  });
}

/** Messages that are kept; null when no partition told, `isWhole` false when some did not. */
export function keptOf(ends: readonly Ends[]): { messages: bigint | null; isWhole: boolean } {
  const known = ends.filter((one) => one.start !== null && one.end !== null);
  if (known.length === 0) return { messages: null, isWhole: ends.length === 0 };
  const messages = known.reduce((sum, one) => sum + (one.end as bigint) - (one.start as bigint), 0n);
  return { messages, isWhole: known.length === ends.length };
}

/** How many came between a mark and the end; null when some partition did not tell. */
export function sinceMark(mark: string, marks: Map<string, Map<number, OffsetTold>>): bigint | null {
  let sum = 0n;
  for (const [partition, told] of marks.get(LOG_END) ?? []) {
    const end = offsetOf(told);
    const from = offsetOf(marks.get(mark)?.get(partition));
    if (end === null || from === null) return null;
    // The end may be older than the answer for the mark.
    if (end > from) sum += end - from;
  }
  return sum;
}

/** Windows that the overview tells of, in milliseconds. */
export const WINDOWS_MS = [60_000, 3_600_000, 86_400_000] as const;

export const markAgo = (nowMs: number, ms: number) => `${BigInt(nowMs - ms) * 1_000n}`;
