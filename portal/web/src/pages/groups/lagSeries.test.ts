import { describe, expect, it } from 'vitest';

import { isRange, lagSeries, type LagPoint, rangeOf } from './lagSeries';

const point = (atMs: number, over: Partial<LagPoint> = {}): LagPoint => ({
  at_us: String(atMs * 1_000),
  lag_messages: '3',
  lag_messages_max: '5',
  lag_ms_max: '1500',
  produced: '100',
  consumed: '50',
  members: 1,
  worst_status: 'OK',
  ...over,
});

describe('lagSeries', () => {
  it('tells the most of each step, and rates of a second', () => {
    expect(lagSeries([point(10_000), point(20_000)], 10_000)).toEqual({
      times: [10_000, 20_000],
      messages: [5, 5],
      lagMs: [1_500, 1_500],
      inRate: [10, 10],
      outRate: [5, 5],
    });
  });
  it('leaves a gap where nobody looked', () => {
    const { times, messages } = lagSeries([point(10_000), point(50_000), point(60_000)], 10_000);
    expect(times).toEqual([10_000, 20_000, 50_000, 60_000]);
    expect(messages).toEqual([5, null, 5, 5]);
  });
  it('survives an answer without a step', () => {
    expect(lagSeries([point(10_000)], 0).times).toEqual([]);
  });
});

describe('ranges', () => {
  it('end at whole steps', () => {
    const first = rangeOf('1h', 1_000_001);
    expect(first).toEqual(rangeOf('1h', 1_009_999));
    expect(first.untilMs - first.fromMs).toBe(3_600_000);
    expect(first.untilMs).toBeGreaterThanOrEqual(1_000_001);
  });
  it('are known by name', () => {
    expect([isRange('7d'), isRange('8d'), isRange('toString')]).toEqual([true, false, false]);
  });
});
