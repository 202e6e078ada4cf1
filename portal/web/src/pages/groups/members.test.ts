import { expect, it } from 'vitest';

import { assignmentText, ranges, shortId } from './members';

it('writes what a member has in few words', () => {
  const of = (topic: string, ...partitions: number[]) => partitions.map((partition) => ({ topic, partition }));
  expect(assignmentText([...of('refunds', 1), ...of('orders', 2, 0, 1, 5, 10, 11)])).toBe(
    'orders 0-2, 5, 10-11; refunds 1',
  );
  expect(assignmentText([])).toBe('');
});

it('joins neighbours', () => {
  expect([ranges([3]), ranges([3, 3, 4]), ranges([9, 1])]).toEqual(['3', '3-4', '1, 9']);
});

it('shortens ids, but keeps what tells them apart', () => {
  expect(shortId('billing-1')).toBe('billing-1');
  const ids = ['lanemq-cli-3137aabe3feee7f16403beb2786459f5', 'lanemq-cli-3137aabe3feee7f16403beb2786459f6'];
  expect(ids.map(shortId)).toEqual(['lanemq-cli-3137aa…6459f5', 'lanemq-cli-3137aa…6459f6']);
});
