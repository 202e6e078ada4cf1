import { expect, it } from 'vitest';

import { policiesOf } from './policies';

const row = (node_id: string, topic: string | undefined, max_attempts: number, at_us: string) => ({
  node_id,
  ...(topic && { topic }),
  policy: { max_attempts },
  at_us,
});

it('tells the newest of each topic, and whether nodes differ', () => {
  const held = policiesOf([
    row('1', 'orders', 3, '10'),
    row('2', 'orders', 3, '11'),
    row('1', undefined, 4, '20'),
    row('2', undefined, 5, '30'),
  ]);
  expect(held.map(({ topic, policy, isUneven }) => [topic, policy.max_attempts, isUneven])).toEqual([
    ['', 5, true],
    ['orders', 3, false],
  ]);
});

it('notices a node that has none', () => {
  const held = policiesOf([row('1', 'orders', 3, '1'), row('1', 'refunds', 3, '1'), row('2', 'refunds', 3, '1')]);
  expect(held.map(({ topic, isUneven }) => [topic, isUneven])).toEqual([
    ['orders', true],
    ['refunds', false],
  ]);
});
