import { expect, test } from 'vitest';

import { committedOn, readersOf } from './forgetting';

test('only partitions of the topic where something was committed go', () => {
  const places = [
    { topic: 'orders', partition: 2, offset: '7' },
    { topic: 'orders', partition: 0, offset: '0' },
    { topic: 'orders', partition: 1, offset: '-1' },
    { topic: 'orders', partition: 3 },
    { topic: 'refunds', partition: 0, offset: '7' },
  ];
  expect(committedOn(places, 'orders').map(({ partition }) => partition)).toEqual([0, 2]);
});

test('members that read other topics do not stand in the way', () => {
  const members = [
    { member_id: 'a', topics: ['orders', 'refunds'] },
    { member_id: 'b', topics: ['refunds'] },
  ];
  expect([readersOf(members, 'orders'), readersOf(members, 'refunds'), readersOf(members, 'gone')]).toEqual([1, 2, 0]);
});
