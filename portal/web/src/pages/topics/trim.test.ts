import { expect, test } from 'vitest';

import type { Ends } from './offsets';
import { asksBefore, asksOfAll, failureOf, outlookOf } from './trim';

const blocked = { code: 'FAILED_PRECONDITION', message: 'billing has not read them' } as const;

test('all is what was there when it was looked at; partitions that are empty, or do not answer, are left out', () => {
  const ends: Ends[] = [
    { partition: 0, start: 1n, end: 9_007_199_254_740_993n },
    { partition: 1, start: 5n, end: 5n },
    { partition: 2, start: null, end: null },
  ];
  expect(asksOfAll('orders', ends)).toEqual([{ topic: 'orders', partition: 0, before_offset: '9007199254740993' }]);
});

test('a moment is told in microseconds, to each partition', () => {
  expect(asksBefore('orders', [0, 3], 1_700_000_000_123.4)).toEqual([
    { topic: 'orders', partition: 0, before_us: '1700000000123000' },
    { topic: 'orders', partition: 3, before_us: '1700000000123000' },
  ]);
});

test('what would go is counted, with who has not read it', () => {
  const outlook = outlookOf([
    { topic: 'orders', partition: 0, old_start: '1', new_start: '11', groups_below: ['ledger', 'billing'] },
    { topic: 'orders', partition: 1, old_start: '7', new_start: '7', groups_below: ['billing'] },
  ]);
  expect(outlook).toEqual({ messages: 10n, groups: ['billing', 'ledger'], refused: [], isBlocked: false });
});

test('what is refused does not count, and says why', () => {
  const told = [
    { topic: 'orders', partition: 0, error: blocked, groups_below: ['billing'] },
    { topic: 'orders', partition: 1, error: blocked },
    { topic: 'orders', partition: 2, old_start: '1', new_start: '3' },
  ];
  expect(outlookOf(told)).toMatchObject({ messages: 2n, refused: [[blocked.message, 2]], isBlocked: true });
});

test('it has failed when no partition did anything', () => {
  const refusal = { topic: 'orders', partition: 0, error: blocked };
  expect(failureOf([refusal])?.code).toBe('FAILED_PRECONDITION');
  expect(failureOf([refusal, { topic: 'orders', partition: 1, old_start: '1', new_start: '3' }])).toBeNull();
  expect(failureOf([])).toBeNull();
});
