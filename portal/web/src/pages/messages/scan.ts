/** Search through messages in bounded steps. The API finds offsets and times; what is in messages is looked at here. */
import type { Range } from './browse';
import { bytesIn, type Message } from './message';
import type { Ask, Reader } from './reader';

export interface Limits {
  /** Of one go. */
  messages: number;
  bytes: number;
  ms: number;
  hits: number;
  /** Read with one call. */
  block: number;
}

export const FETCH_LIMITS: Limits = { messages: 20_000, bytes: 64 << 20, ms: 20_000, hits: 100, block: 500 };
/** When messages have to be read one by one. */
export const SINGLE_LIMITS: Limits = { messages: 200, bytes: 64 << 20, ms: 20_000, hits: 100, block: 20 };

export interface Scan {
  /** What has not been looked at. */
  left: Range[];
  searched: number;
  bytes: number;
  hits: Message[];
  errors: Map<number, string>;
}

export const beginScan = (ranges: readonly Range[]): Scan => ({
  left: ranges.filter((range) => range.start < range.end),
  searched: 0,
  bytes: 0,
  hits: [],
  errors: new Map(),
});

export const totalOf = (ranges: readonly Range[]) => ranges.reduce((sum, { start, end }) => sum + (end - start), 0n);

/** Of one call; blocks become smaller when messages are large. */
const BLOCK_BYTES = 4 << 20;
const FIRST_BLOCK = 100;

const blockFor = (limits: Limits, messages: number, bytes: number) =>
  Math.max(1, Math.min(limits.block, Math.floor(BLOCK_BYTES / Math.max(1, bytes / Math.max(1, messages)))));

/** The next block of a range, and what is left of it then. */
export function cut(range: Range, block: number, isBackward: boolean): { ask: Ask; rest: Range } {
  const size = range.end - range.start < BigInt(block) ? range.end - range.start : BigInt(block);
  const offset = isBackward ? range.end - size : range.start;
  const rest = isBackward ? { ...range, end: offset } : { ...range, start: offset + size };
  return { ask: { partition: range.partition, offset, count: Number(size) }, rest };
}

/** One go: on from `before` until a limit, or until nothing is left. Partitions in turn, so that none has to wait. */
export async function scanOn(
  before: Scan,
  {
    read,
    isHit,
    isBackward,
    limits,
    onProgress,
    signal,
    now = Date.now,
  }: {
    read: Reader;
    isHit: (message: Message) => boolean;
    isBackward: boolean;
    limits: Limits;
    onProgress?: (scan: Scan) => void;
    signal?: AbortSignal;
    now?: () => number;
  },
): Promise<Scan> {
  let scan = before;
  let block = Math.min(FIRST_BLOCK, limits.block);
  const until = now() + limits.ms;
  const isOver = () =>
    scan.left.length === 0 ||
    scan.searched - before.searched >= limits.messages ||
    scan.bytes - before.bytes >= limits.bytes ||
    scan.hits.length - before.hits.length >= limits.hits ||
    now() >= until;
  while (!isOver()) {
    signal?.throwIfAborted();
    const [range, ...others] = scan.left as [Range, ...Range[]];
    const { ask, rest } = cut(range, block, isBackward);
    const { messages, errors } = await read([ask], signal);
    signal?.throwIfAborted();
    // A partition that cannot be read is given up: the rest of it is not searched, and is said so.
    const isLeft = errors.size === 0 && rest.start < rest.end;
    const bytes = messages.reduce((sum, one) => sum + bytesIn(one), 0);
    block = blockFor(limits, messages.length, bytes);
    scan = {
      left: isLeft ? [...others, rest] : others,
      searched: scan.searched + messages.length,
      bytes: scan.bytes + bytes,
      hits: [...scan.hits, ...messages.filter(isHit)],
      errors: new Map([...scan.errors, ...errors]),
    };
    onProgress?.(scan);
  }
  return scan;
}
