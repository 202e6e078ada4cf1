import { describe, expect, it } from 'vitest';

import { draftChanges, draftOf, faultsOf } from './settingsDraft';
import type { Topic } from './topicRow';

const topic = {
  name: 'orders',
  config: { 'retention.ms': '-1', 'max.message.bytes': '2097152' },
  partitions: [{ partition: 0 }, { partition: 1 }],
} as unknown as Topic;
const draft = draftOf(topic, 'for ever');

describe('the form of settings', () => {
  it('shows what is, and that is no change', () => {
    expect(draft.settings).toEqual({
      'retention.ms': 'for ever',
      'retention.bytes': '',
      'retention.unread': '',
      'max.message.bytes': '2 MiB',
    });
    expect(draftChanges(topic, draft)).toEqual([]);
  });

  it('goes back to the default when a field is emptied', () => {
    const settings = { ...draft.settings, 'retention.ms': '' };
    expect(draftChanges(topic, { ...draft, settings })).toEqual([
      { kind: 'alter_topic', name: 'orders', unset: ['retention.ms'] },
    ]);
  });

  it('asks for nothing while something is wrong', () => {
    const wrong = { ...draft, partitions: '1', settings: { ...draft.settings, 'retention.ms': 'a while' } };
    expect(faultsOf(topic, wrong)).toEqual({ 'retention.ms': true, partitions: true });
    expect(draftChanges(topic, wrong)).toEqual([]);
  });
});
