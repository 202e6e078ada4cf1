import { afterEach, describe, expect, it, vi } from 'vitest';

import { fetchReader, sorted } from './reader';

const posted = vi.hoisted(() => vi.fn());
vi.mock('@/api/client', () => ({
  http: { POST: posted },
  take: async (answer: Promise<{ data: unknown }>) => (await answer).data,
}));

type Results = Parameters<typeof sorted>[1];
const result = (partition: number, offsets: number[], end?: string) => ({
  topic: 't',
  partition,
  messages: offsets.map((offset) => ({ offset: String(offset), timestamp_us: '1' })),
  ...(end && { log_end_offset: end }),
});

describe('what a fetch answered', () => {
  const asks = [
    { partition: 0, offset: 5n, count: 2 },
    { partition: 1, offset: 1n, count: 2 },
    { partition: 2, offset: 9n, count: 2 },
  ];

  it('is cut to what was asked, and the rest is asked again', () => {
    const { reading, again } = sorted(asks, [result(0, [5, 6, 7], '20'), result(1, [1], '10')] as Results);
    expect(reading.messages.map((one) => `${one.partition}/${one.offset}`)).toEqual(['0/5', '0/6', '1/1']);
    expect(again).toEqual([
      { partition: 1, offset: 2n, count: 1 },
      { partition: 2, offset: 9n, count: 2 },
    ]);
  });

  it('is not believed to be the end: another broker may have written what is asked for', () => {
    const at = sorted(asks.slice(1, 2), [result(1, [1], '2')] as Results);
    expect(at.again).toEqual([{ partition: 1, offset: 2n, count: 1 }]);
    expect(sorted(asks.slice(1, 2), [result(1, [1, 2], '3')] as Results).again).toEqual([]);
  });

  it('says of messages that their contents were left out', () => {
    const { reading } = sorted(asks, [result(0, [5]), { ...result(1, [1]), is_hidden: true }] as Results);
    expect(reading.messages.map((one) => one.isHidden)).toEqual([false, true]);
  });

  it('keeps what a partition said that cannot be read', () => {
    const broken = { ...result(0, []), error: { code: 'DATA_NODE_UNAVAILABLE', message: 'db1 is gone' } };
    const { reading, again } = sorted(asks.slice(0, 1), [broken] as Results);
    expect([...reading.errors]).toEqual([[0, 'db1 is gone']]);
    expect(again).toEqual([]);
  });
});

describe('a page of a partition', () => {
  afterEach(() => posted.mockReset());
  const read = () => fetchReader('t')([{ partition: 1, offset: 1n, count: 3 }]);
  const answers = (...all: number[][]) => {
    for (const offsets of all) posted.mockResolvedValueOnce({ data: { partitions: [result(1, offsets)] } });
  };
  const asked = () =>
    posted.mock.calls.map(([, { body }]) => [body.partitions[0].offset, body.min_bytes, body.max_wait_ms]);

  it('waits for what its broker does not know yet', async () => {
    answers([1], [2], [3]);
    expect((await read()).messages.map((one) => one.offset)).toEqual([1n, 2n, 3n]);
    expect(asked()).toEqual([
      ['1', 0, 0],
      ['2', 1, 1_000],
      ['3', 1, 1_000],
    ]);
  });

  it('ends when nothing comes', async () => {
    answers([1], []);
    expect((await read()).messages).toHaveLength(1);
    expect(posted).toHaveBeenCalledTimes(2);
  });

  it('waits for nothing when all is there', async () => {
    answers([1, 2, 3]);
    expect((await read()).messages).toHaveLength(3);
    expect(asked()).toEqual([['1', 0, 0]]);
  });
});
