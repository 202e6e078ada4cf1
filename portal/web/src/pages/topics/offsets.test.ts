import { describe, expect, it } from 'vitest';

import { byMark, chunks, endsOf, keptOf, LOG_END, LOG_START, offsetAsks, type OffsetTold, sinceMark } from './offsets';

const told = (partition: number, offset?: string, error?: string): OffsetTold =>
  ({
    topic: 't',
    partition,
    ...(offset && { offset }),
    ...(error && { error: { code: 'THROTTLED', message: error } }),
  }) as OffsetTold;

describe('offsets', () => {
  const asks = offsetAsks('t', [0, 1], [LOG_START, LOG_END, '5']);

  it('asks mark by mark', () => {
    expect(asks.map((ask) => `${ask.timestamp_us}/${ask.partition}`)).toEqual([
      '-2/0',
      '-2/1',
      '-1/0',
      '-1/1',
      '5/0',
      '5/1',
    ]);
    expect(chunks(asks, 4).map((chunk) => chunk.length)).toEqual([4, 2]);
  });

  it('counts what is kept and what came since, beyond what numbers hold', () => {
    const marks = byMark(asks, [
      told(0, '1'),
      told(1, '10'),
      told(0, '9007199254740995'),
      told(1, '30'),
      told(0, '9007199254740993'),
      told(1, '31'),
    ]);
    expect(keptOf(endsOf([0, 1], marks))).toEqual({ messages: 9007199254741014n, isWhole: true });
    expect(sinceMark('5', marks)).toBe(2n);
  });

  it('says so when a partition does not tell', () => {
    const marks = byMark(asks, [
      told(0, '1'),
      told(1, undefined, 'node is gone'),
      told(0, '4'),
      told(1, undefined, 'node is gone'),
      told(0, '2'),
      told(1, undefined, 'node is gone'),
    ]);
    const ends = endsOf([0, 1], marks);
    expect(keptOf(ends)).toEqual({ messages: 3n, isWhole: false });
    expect(ends[1]?.error).toBe('node is gone');
    expect(sinceMark('5', marks)).toBeNull();
  });

  it('does not take an answer of another partition for its own', () => {
    const marks = byMark(asks, [told(1, undefined, 'refused'), told(0, '7')]);
    expect(endsOf([0, 1], marks)).toEqual([
      { partition: 0, start: null, end: null, oldestUs: undefined, error: undefined },
      { partition: 1, start: null, end: null, oldestUs: undefined, error: 'refused' },
    ]);
  });
});
