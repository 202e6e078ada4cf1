import { expect, it } from 'vitest';

import { differencesOf } from './auditDiff';

const event = (before?: string, after?: string) =>
  ({ before_json: before, after_json: after }) as Parameters<typeof differencesOf>[0];

it('tells only what differs, by field', () => {
  const before = '{"name":"t","config":{"retention.ms":"1000"},"tags":[1,2]}';
  const after = '{"name":"t","config":{"retention.ms":"2000","x":"y"},"tags":[1]}';
  expect(differencesOf(event(before, after))).toEqual([
    { field: 'config.retention.ms', before: '1000', after: '2000' },
    { field: 'config.x', before: null, after: 'y' },
    { field: 'tags', before: '[1,2]', after: '[1]' },
  ]);
});

it('shows what was made or deleted, and what is no JSON', () => {
  expect(differencesOf(event(undefined, '{"partitions":4}'))).toEqual([
    { field: 'partitions', before: null, after: '4' },
  ]);
  expect(differencesOf(event('cut off {', undefined))).toEqual([{ field: '', before: 'cut off {', after: null }]);
  expect(differencesOf(event())).toEqual([]);
});
