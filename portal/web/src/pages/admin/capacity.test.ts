import { expect, test } from 'vitest';

import { type Advice, aheadFrom, byteShare, reasonsOf, tableShare, verdictOf } from './capacity';

const room = (node: string, can_be_emptied = false) => ({
  node,
  is_writable: true,
  tables_used: '1',
  tables_free: '9',
  can_be_emptied,
});

const advice = (values: Partial<Advice> = {}): Advice => ({
  verdict: 'FINE',
  causes: [],
  nodes: [room('db1'), room('db2', true), room('db3', true)],
  tables_used: '3',
  tables_free: '1200',
  partitions_ahead: '1300',
  partitions_recent: '7',
  recent_days: 30,
  ...values,
});

test('every verdict has a word', () => {
  for (const verdict of ['FINE', 'EXPAND', 'SHRINK'] as const) expect(verdictOf(advice({ verdict }))).toBeTruthy();
});

test('every cause is a sentence with its figures, and well is one too', () => {
  expect(reasonsOf(advice()).map(([key]) => key)).toEqual(['capacity.fineWhy']);
  const why = reasonsOf(advice({ causes: ['no_room', 'bytes_low', 'node_to_spare'] }));
  expect(why.map(([key]) => key)).toEqual(['capacity.noRoom', 'capacity.bytesLow', 'capacity.nodeToSpare']);
  expect(why[0]?.[1]).toEqual({ ahead: '1,300', free: '1,200', nodes: 'db2, db3' });
});

test('a cause that is newer than the page is left out', () => {
  expect(reasonsOf(advice({ causes: ['newer', 'no_room'] })).map(([key]) => key)).toEqual(['capacity.noRoom']);
});

test('shares, where there is something to have a share of', () => {
  expect(tableShare({ tables_used: '1', tables_free: '2' })).toBe(33.3);
  expect(tableShare({ tables_used: '0', tables_free: '0' })).toBeNull();
  expect(byteShare(room('db1'))).toBeNull();
  expect(byteShare({ ...room('db1'), used_bytes: '9007199254740993', capacity_bytes: '18014398509481986' })).toBe(50);
  expect(byteShare({ ...room('db1'), used_bytes: '5', capacity_bytes: '0' })).toBeNull();
});

test('what is asked for is a number that the server takes', () => {
  expect(aheadFrom(' ')).toBeUndefined();
  expect(aheadFrom('500')).toBe(500);
  expect(aheadFrom('1000001')).toBeNull();
  expect(aheadFrom('-1')).toBeNull();
  expect(aheadFrom('some')).toBeNull();
});
