import { expect, test } from 'vitest';

import { undoOf } from './deletion';
import { stateOf, type Topic } from './topicRow';

const topic = (state: Topic['state'], purge_at_us?: string): Topic => ({
  name: 'orders',
  topic_id: '7',
  state,
  partitions: [],
  ...(purge_at_us && { deletion: { purge_at_us } }),
});

test('what is kept after its deletion can be brought back, and until when', () => {
  expect(undoOf(topic('DELETING', '1763863770000000'))).toEqual({ isOffered: true, untilUs: '1763863770000000' });
});

test('what is going for good, or has gone, is not offered', () => {
  expect(undoOf(topic('DELETING')).isOffered).toBe(false);
  expect(undoOf(null).isOffered).toBe(false);
});

test('a server that has not heard of the deletion yet, or does not answer, is no reason not to offer it', () => {
  expect(undoOf(topic('ACTIVE')).isOffered).toBe(true);
  expect(undoOf(undefined)).toEqual({ isOffered: true });
});

test('deleted and being removed are two states', () => {
  expect(stateOf(topic('DELETING', '1'))?.[1]).toBe('topics.stateDeleted');
  expect(stateOf(topic('DELETING'))?.[1]).toBe('topics.stateDeleting');
  expect(stateOf(topic('ACTIVE'))?.[1]).toBe('topics.stateActive');
});
