import { expect, it } from 'vitest';

import { rowsOf } from './partitionRows';
import type { Topic } from './topicRow';

const topic = {
  name: 'orders',
  topic_id: '17',
  partitions: [
    { partition: 0, node_id: '1', schema_index: 3, preferred_broker_id: 2 },
    { partition: 1, node_id: '9', schema_index: 12 },
  ],
} as unknown as Topic;

it('names the tables as a DBA finds them, and counts what is kept', () => {
  const ends = [
    { partition: 0, start: 5n, end: 9007199254740998n, oldestUs: '77' },
    { partition: 1, start: null, end: null, error: 'the data node is gone' },
  ];
  const [first, second] = rowsOf(topic, ends, new Map([['1', { name: 'db1', schema_prefix: 'mq' }]]));
  expect(first).toMatchObject({ node: 'db1', schema: 'mq_03', table: 'msg_17_0', messages: '9007199254740993' });
  expect(second).toMatchObject({ nodeId: '9', schema: '…_12', table: 'msg_17_1', error: 'the data node is gone' });
  expect(second?.messages).toBeUndefined();
});

it('shows what it knows before offsets come', () => {
  expect(rowsOf(topic, undefined, undefined).map((row) => row.start)).toEqual([undefined, undefined]);
});
