import { describe, expect, it } from 'vitest';

import { BROWSE_DEFAULTS, chosenRanges, positionsOf, wantedMoment, wayOf } from './browseState';

const ranges = [
  { partition: 0, start: 10n, end: 100n },
  { partition: 1, start: 0n, end: 5n },
];
const of = (change: Partial<typeof BROWSE_DEFAULTS>) => ({ ...BROWSE_DEFAULTS, ...change });
const positions = (change: Partial<typeof BROWSE_DEFAULTS>, byTime = null as Map<number, bigint> | null) => [
  ...positionsOf(of(change), ranges, 20, byTime).values(),
];

describe('the place that the URL names', () => {
  it('is the newest page when it names none, or none that can be', () => {
    expect(positions({})).toEqual([80n, 0n]);
    expect(positions({ from: 'offset', offset: 'x' })).toEqual([80n, 0n]);
    expect(positions({ from: 'time', time: 'soon' })).toEqual([80n, 0n]);
  });

  it('is an offset, a moment, or a page', () => {
    expect(positions({ from: 'oldest' })).toEqual([10n, 0n]);
    expect(positions({ from: 'offset', offset: '50' })).toEqual([50n, 5n]);
    expect(positions({ from: 'time', time: '2026-11-23T02:30' }, new Map([[0, 42n]]))).toEqual([42n, 5n]);
    expect(positions({ from: 'oldest', page: '0.33' })).toEqual([33n, 5n]);
  });

  it('asks for a moment only when it is needed', () => {
    const state = of({ from: 'time', time: '2026-11-23T02:30' });
    expect(wantedMoment(state, 'utc')).toBe('1795401000000000');
    expect(wantedMoment({ ...state, page: '0.1' }, 'utc')).toBeNull();
    expect(wantedMoment(of({ time: '2026-11-23T02:30' }), 'utc')).toBeNull();
  });

  it('is looked at in one of three ways', () => {
    expect(wayOf(of({ view: 'tail' }))).toBe('tail');
    expect(wayOf(of({ view: 'search' }))).toBe('search');
    expect(wayOf(of({ view: 'other' }))).toBe('');
  });

  it('is in the partition that was chosen', () => {
    expect(chosenRanges(ranges, '1')).toEqual([ranges[1]]);
    expect(chosenRanges(ranges, '')).toEqual(ranges);
    expect(chosenRanges(ranges, '7')).toEqual([]);
  });
});
