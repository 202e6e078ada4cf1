import { describe, expect, test } from 'vitest';

import { changesOf, diffOf, textOf, unitOf } from './jsonDiff';

describe('diffOf', () => {
  test('what was added, removed, changed and stayed', () => {
    const before = { name: 'orders', partitions: 4, description: 'old' };
    const after = { name: 'orders', partitions: 8, tier: 'page' };
    expect(diffOf(before, after)).toEqual([
      { path: 'name', sign: 'same', before: 'orders', after: 'orders' },
      { path: 'partitions', sign: 'changed', before: 4, after: 8 },
      { path: 'description', sign: 'removed', before: 'old' },
      { path: 'tier', sign: 'added', after: 'page' },
    ]);
  });

  test('members of a list are told apart by who they are, not by their place', () => {
    const before = {
      members: [
        { person: 'ann', role: 'lead' },
        { person: 'bob', role: 'member' },
      ],
    };
    const after = {
      members: [
        { person: 'bob', role: 'lead' },
        { person: 'cid', role: 'member' },
      ],
    };
    expect(changesOf(before, after)).toEqual([
      { path: 'members[ann].person', sign: 'removed', before: 'ann' },
      { path: 'members[ann].role', sign: 'removed', before: 'lead' },
      { path: 'members[bob].role', sign: 'changed', before: 'member', after: 'lead' },
      { path: 'members[cid].person', sign: 'added', after: 'cid' },
      { path: 'members[cid].role', sign: 'added', after: 'member' },
    ]);
  });

  test('a list that names two alike is one value', () => {
    const before = { changes: [{ name: 'a' }, { name: 'a' }] };
    expect(changesOf(before, { changes: [] })).toHaveLength(1);
  });

  test('null is as good as absent; a list of texts is one value', () => {
    expect(changesOf({ a: null }, {})).toEqual([]);
    expect(changesOf({ actions: ['a'] }, { actions: ['a', 'b'] })).toEqual([
      { path: 'actions', sign: 'changed', before: ['a'], after: ['a', 'b'] },
    ]);
  });

  test('all of it is new, or all of it has gone', () => {
    expect(diffOf(undefined, { a: 1 })).toEqual([{ path: 'a', sign: 'added', after: 1 }]);
    expect(diffOf({ a: { b: 1 } }, undefined)).toEqual([{ path: 'a.b', sign: 'removed', before: 1 }]);
  });

  test('a value that becomes an object is one change', () => {
    expect(changesOf({ a: 1 }, { a: { b: 2 } })).toEqual([{ path: 'a', sign: 'changed', before: 1, after: { b: 2 } }]);
  });

  test('an empty object is something', () => {
    expect(diffOf(undefined, { config: {} })).toEqual([{ path: 'config', sign: 'added', after: {} }]);
  });
});

test('textOf is one line', () => {
  expect(textOf(['a', 'b'])).toBe('a, b');
  expect(textOf({ a: 1 })).toBe('{"a":1}');
  expect(textOf(null)).toBe('');
  expect(textOf(false)).toBe('false');
});

test('unitOf looks at the name and the value', () => {
  expect(unitOf('expires_at_us', '1763863770000000')).toBe('time');
  expect(unitOf('config.retention.ms', '86400000')).toBe('span');
  expect(unitOf('config.retention.ms', '-1')).toBe('text');
  expect(unitOf('stored_bytes', 5)).toBe('bytes');
  expect(unitOf('config.retention.bytes', '5')).toBe('bytes');
  expect(unitOf('partitions', 5)).toBe('text');
  expect(unitOf('expires_at_us', 'never')).toBe('text');
});
