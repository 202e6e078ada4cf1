import { expect, test } from 'vitest';

import { nodesOf, partitionsIn, type Topic } from './topicRow';

const topic: Topic = {
  name: 'orders',
  topic_id: '7',
  state: 'ACTIVE',
  partitions: ['2', '1', '2'].map((node_id, partition) => ({ partition, node_id, schema_index: 0 })),
};

test('partitions are counted, in lists that have no more of them as well', () => {
  expect(partitionsIn(topic)).toBe(3);
  expect(nodesOf(topic)).toEqual(['2', '1']);
  const listed: Topic = { ...topic, partitions: [], partition_count: 3, node_ids: ['1', '2'] };
  expect(partitionsIn(listed)).toBe(3);
  expect(nodesOf(listed)).toEqual(['1', '2']);
});
