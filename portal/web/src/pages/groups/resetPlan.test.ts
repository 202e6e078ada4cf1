import { describe, expect, it } from 'vitest';

import { parsePartitions, planBack, planReset, summaryOf, toSend, type Place } from './resetPlan';

const place = (over: Partial<Place> = {}): Place => ({
  topic: 'orders',
  partition: 0,
  committed: '50',
  logStart: '10',
  logEnd: '100',
  ...over,
});
const next = (...args: Parameters<typeof planReset>) =>
  planReset(...args).map((row) => [row.next, row.delta, row.note]);

describe('planReset', () => {
  it('goes to both ends', () => {
    expect(next([place()], 'earliest')).toEqual([[10n, -40n, null]]);
    expect(next([place()], 'latest')).toEqual([[100n, 50n, null]]);
  });
  it('stays within the log, and says so', () => {
    expect(next([place()], 'offset', 5n)).toEqual([[10n, -40n, 'beforeStart']]);
    expect(next([place()], 'offset', 500n)).toEqual([[100n, 50n, 'pastEnd']]);
    expect(next([place()], 'shift', -60n)).toEqual([[10n, -40n, 'beforeStart']]);
  });
  it('shifts only what was committed', () => {
    expect(next([place()], 'shift', 7n)).toEqual([[57n, 7n, null]]);
    expect(next([place({ committed: undefined })], 'shift', 7n)).toEqual([[null, null, 'nothingCommitted']]);
  });
  it('says when nothing is newer than a time', () => {
    expect(next([place({ atTime: '70' })], 'time')).toEqual([[70n, 20n, null]]);
    expect(next([place({ atTime: '100' })], 'time')).toEqual([[100n, 50n, 'nothingNewer']]);
  });
  it('copies another group where that has something', () => {
    expect(next([place({ other: '60' })], 'group')).toEqual([[60n, 10n, null]]);
    expect(next([place()], 'group')).toEqual([[null, null, 'otherHasNone']]);
  });
  it('is exact beyond 2^53', () => {
    const far = place({ committed: '9007199254740993', logEnd: '9007199254740999' });
    expect(next([far], 'shift', 1n)).toEqual([[9007199254740994n, 1n, null]]);
  });
  it('sorts by topic and partition', () => {
    const rows = planReset([place({ partition: 10 }), place({ partition: 2 }), place({ topic: 'a' })], 'latest');
    expect(rows.map((row) => `${row.topic}/${row.partition}`)).toEqual(['a/0', 'orders/2', 'orders/10']);
  });
});

describe('the plan as a whole', () => {
  const plan = planReset(
    [place({ partition: 0 }), place({ partition: 1, committed: '90' }), place({ partition: 2, committed: undefined })],
    'offset',
    60n,
  );
  it('counts what is read again and what is skipped', () => {
    expect(summaryOf(plan)).toEqual({ moved: 3, again: 30n, skipped: 10n + 50n });
  });
  it('sends what changes alone', () => {
    expect(toSend(planReset([place(), place({ partition: 1, committed: '60' })], 'offset', 60n))).toEqual([
      { topic: 'orders', partition: 0, offset: '60' },
    ]);
  });
  it('can be taken back, but to nowhere where nothing was', () => {
    const reset = { reset_epoch: '1', new_offset: '100', at_us: '1', requested_by: 'person:ada', reason: '' };
    const resets = [
      { ...reset, topic: 'orders', partition: 0, old_offset: '50' },
      { ...reset, topic: 'orders', partition: 1, old_offset: '-1' },
    ];
    const now = [place({ committed: '100' }), place({ partition: 1, committed: '100' }), place({ partition: 2 })];
    expect(toSend(planBack(resets, now))).toEqual([{ topic: 'orders', partition: 0, offset: '50' }]);
  });
});

describe('parsePartitions', () => {
  it('reads lists and ranges of those that are there', () => {
    expect(parsePartitions('', 3)).toEqual([0, 1, 2]);
    expect(parsePartitions('3, 0-1,1', 4)).toEqual([0, 1, 3]);
    expect(['4', '2-1', 'x', '1,', '-1'].map((text) => parsePartitions(text, 4))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
