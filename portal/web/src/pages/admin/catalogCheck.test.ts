import { expect, test } from 'vitest';

import { type Finding, toneOf, worstFirst } from './catalogCheck';

const finding = (kind: string, object = 'a'): Finding => ({ kind, data_node: 'db1', object, detail: '', advice: '' });

test('what may have lost messages stands first', () => {
  const order = worstFirst([
    finding('table_orphaned'),
    finding('partition_stuck'),
    finding('table_missing', 'b'),
    finding('table_missing', 'a'),
  ]);
  expect(order.map((one) => `${one.kind} ${one.object}`)).toEqual([
    'table_missing a',
    'table_missing b',
    'partition_stuck a',
    'table_orphaned a',
  ]);
});

test('a kind that is not known is told calmly', () => {
  expect(toneOf(finding('moon_phase'))).toBe('info');
});
