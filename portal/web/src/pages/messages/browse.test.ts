import { describe, expect, it } from 'vitest';

import {
  atOffset,
  hasNewer,
  hasOlder,
  newest,
  oldest,
  parseMoment,
  parsePositions,
  perPartition,
  positionsText,
  shifted,
} from './browse';

const ranges = [
  { partition: 0, start: 10n, end: 100n },
  { partition: 1, start: 0n, end: 5n },
];

describe('pages of messages', () => {
  it('begin within what is there', () => {
    expect([...newest(ranges, 20)]).toEqual([
      [0, 80n],
      [1, 0n],
    ]);
    expect([...oldest(ranges).values()]).toEqual([10n, 0n]);
    expect([...atOffset(ranges, 7n).values()]).toEqual([10n, 5n]);
  });

  it('go on until nothing is left', () => {
    const last = newest(ranges, 20);
    expect(hasNewer(ranges, last, 20)).toBe(false);
    expect(hasOlder(ranges, last)).toBe(true);
    const before = shifted(ranges, last, -20);
    expect([...before.values()]).toEqual([60n, 0n]);
    expect(hasNewer(ranges, before, 20)).toBe(true);
    expect(hasOlder(ranges, oldest(ranges))).toBe(false);
    expect(hasOlder([], new Map())).toBe(false);
  });

  it('can be linked to', () => {
    expect(positionsText(newest(ranges, 20))).toBe('0.80-1.0');
    expect([...(parsePositions('0.9007199254740993-1.0') ?? [])]).toEqual([
      [0, 9007199254740993n],
      [1, 0n],
    ]);
    expect(parsePositions('0.80-')).toBeNull();
    expect(parsePositions('')).toBeNull();
  });

  it('share the page among partitions', () => {
    expect(perPartition(ranges, 50)).toBe(25);
    expect(perPartition([], 50)).toBe(50);
  });
});

it('reads moments in the clock that is shown', () => {
  expect(parseMoment('2026-11-23T02:30', 'utc')).toBe('1795401000000000');
  expect(parseMoment('', 'utc')).toBeNull();
  expect(parseMoment('soon', 'local')).toBeNull();
});
