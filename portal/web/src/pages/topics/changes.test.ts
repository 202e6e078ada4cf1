import { describe, expect, it } from 'vitest';

import { changedMeanwhile, changesOf } from './changes';
import type { Topic } from './topicRow';

const topic = {
  name: 'orders',
  topic_id: '7',
  state: 'ACTIVE',
  description: 'All orders',
  config: { 'retention.ms': '1000', 'retention.unread': 'block' },
  partitions: [{ partition: 0 }, { partition: 1 }],
} as unknown as Topic;

const same = { description: 'All orders', config: { ...topic.config }, partitions: 2 };

describe('changes of a topic', () => {
  it('are none when nothing differs', () => {
    expect(changesOf(topic, same)).toEqual([]);
  });

  it('are only what differs', () => {
    const config = { 'retention.ms': '2000', 'retention.unread': undefined, 'max.message.bytes': undefined };
    expect(changesOf(topic, { ...same, config, partitions: 4 })).toEqual([
      { kind: 'alter_topic', name: 'orders', set: { 'retention.ms': '2000' }, unset: ['retention.unread'] },
      { kind: 'add_partitions', name: 'orders', partitions: 4 },
    ]);
    expect(changesOf(topic, { ...same, description: '' })).toEqual([
      { kind: 'alter_topic', name: 'orders', description: '' },
    ]);
  });

  it('are told when somebody else was there', () => {
    expect(changedMeanwhile(topic, { ...topic })).toEqual([]);
    expect(changedMeanwhile(topic, { ...topic, config: { 'retention.ms': '1' }, description: 'x' })).toEqual([
      'retention.ms',
      'retention.unread',
      'description',
    ]);
  });
});
