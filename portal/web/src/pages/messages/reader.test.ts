import { describe, expect, it } from 'vitest';

import { sorted } from './reader';

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

  it('asks for no more at the end of the log', () => {
    const at = sorted(asks.slice(1, 2), [result(1, [1], '2')] as Results);
    expect(at.again).toEqual([]);
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
