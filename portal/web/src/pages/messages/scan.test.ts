import { describe, expect, it } from 'vitest';

import type { Message } from './message';
import type { Reader } from './reader';
import { beginScan, FETCH_LIMITS, scanOn, totalOf } from './scan';

const made = (partition: number, offset: bigint): Message => ({
  partition,
  offset,
  atUs: '1',
  key: null,
  body: { text: `${partition}/${offset}` },
  headers: [],
  codec: 0,
});

const read: Reader = (asks) =>
  Promise.resolve({
    messages: asks.flatMap((ask) =>
      Array.from({ length: ask.count }, (_, i) => made(ask.partition, ask.offset + BigInt(i))),
    ),
    errors: new Map(),
  });

const ranges = [
  { partition: 0, start: 0n, end: 25n },
  { partition: 1, start: 100n, end: 110n },
  { partition: 2, start: 7n, end: 7n },
];
const limits = { ...FETCH_LIMITS, block: 10 };

describe('a search', () => {
  it('looks at every message once', async () => {
    const seen = new Set<string>();
    const isHit = (message: Message) => {
      const id = `${message.partition}/${message.offset}`;
      expect(seen.has(id)).toBe(false);
      seen.add(id);
      return id === '1/104';
    };
    const scan = await scanOn(beginScan(ranges), { read, isHit, isBackward: true, limits });
    expect(seen.size).toBe(Number(totalOf(ranges)));
    expect(scan.left).toEqual([]);
    expect(scan.hits.map((hit) => hit.offset)).toEqual([104n]);
  });

  it('stops at its bounds and goes on from there', async () => {
    const options = { read, isHit: () => false, isBackward: true, limits: { ...limits, messages: 20 } };
    const first = await scanOn(beginScan(ranges), options);
    expect(first.searched).toBe(20);
    expect(first.left).toEqual([{ partition: 0, start: 0n, end: 15n }]);
    const second = await scanOn(first, options);
    expect([second.searched, second.left.length]).toEqual([35, 0]);
  });

  it('stops when time is over', async () => {
    let time = 0;
    const now = () => (time += 11_000);
    const scan = await scanOn(beginScan(ranges), { read, isHit: () => false, isBackward: false, limits, now });
    expect(scan.left.length).toBeGreaterThan(0);
  });

  it('gives up a partition that cannot be read, and says so', async () => {
    const broken: Reader = (asks) =>
      asks[0]?.partition === 0 ? Promise.resolve({ messages: [], errors: new Map([[0, 'gone']]) }) : read(asks);
    const scan = await scanOn(beginScan(ranges), { read: broken, isHit: () => true, isBackward: false, limits });
    expect(scan.searched).toBe(10);
    expect(scan.errors.get(0)).toBe('gone');
  });

  it('reads less at once when messages are large', async () => {
    const counts: number[] = [];
    const large: Reader = async (asks, signal) => {
      counts.push(...asks.map((ask) => ask.count));
      const reading = await read(asks, signal);
      return { ...reading, messages: reading.messages.map((one) => ({ ...one, body: { text: 'x'.repeat(1 << 20) } })) };
    };
    await scanOn(beginScan(ranges.slice(0, 1)), { read: large, isHit: () => false, isBackward: true, limits });
    expect(counts.slice(0, 3)).toEqual([10, 4, 4]);
  });

  it('ends when nobody waits for it any more', async () => {
    const stop = new AbortController();
    const going = scanOn(beginScan(ranges), {
      read,
      isHit: () => false,
      isBackward: false,
      limits,
      onProgress: () => stop.abort(),
      signal: stop.signal,
    });
    await expect(going).rejects.toThrow();
  });
});
