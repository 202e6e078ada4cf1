import { describe, expect, test } from 'vitest';

import {
  afterwards,
  changesOfBundle,
  effectOf,
  foundIn,
  grantBundle,
  stateWish,
  TEMPLATE_KINDS,
  templateOf,
} from './bundle';

const changesOf = (...changes: object[]) => changesOfBundle(JSON.stringify({ changes })) ?? [];
const one = (change: object) => changesOf(change)[0]!;

test('what is no bundle is none', () => {
  expect(changesOfBundle(undefined)).toBeNull();
  expect(changesOfBundle('[]')).toBeNull();
  expect(changesOfBundle('{"changes": {}}')).toBeNull();
  expect(changesOfBundle('{"changes": []}')).toEqual([]);
});

test('settings are texts, so that a number and its text do not differ', () => {
  expect(one({ kind: 'create_topic', name: 'a', config: { 'retention.ms': 86400000 } }).fields.config).toEqual({
    'retention.ms': '86400000',
  });
});

test('the state that is asked for is of the kinds and names of the changes', () => {
  const changes = changesOf(
    { kind: 'add_partitions', name: 'orders', partitions: 8 },
    { kind: 'set_quota', team: 'pay' },
    { kind: 'set_owner', resource: 'group', name: 'billing', team: 'pay' },
  );
  expect(stateWish(changes)).toEqual({ kinds: ['group', 'quota', 'topic'], names: ['billing', 'orders', 'pay'] });
  expect(stateWish([])).toBeNull();
  expect(
    stateWish(changesOf(...Array.from({ length: 61 }, (_, i) => ({ kind: 'delete_topic', name: `t${i}` })))),
  ).toBeNull();
});

describe('foundIn', () => {
  const state = changesOf(
    { kind: 'create_topic', name: 'orders', partitions: 4 },
    { kind: 'put_grant', resource: 'topic', name: 'orders', principal: 'service:a', actions: ['consume'] },
    {
      kind: 'put_grant',
      resource: 'topic',
      name: 'orders',
      is_prefix: true,
      principal: 'service:a',
      actions: ['peek'],
    },
  );
  test('a topic by its name', () => {
    expect(foundIn(state, one({ kind: 'delete_topic', name: 'orders' }))).toMatchObject({ partitions: 4 });
    expect(foundIn(state, one({ kind: 'delete_topic', name: 'order' }))).toBeUndefined();
  });
  test('a grant by all that tells it from others', () => {
    const grant = { kind: 'revoke_grant', resource: 'topic', name: 'orders', principal: 'service:a' };
    expect(foundIn(state, one(grant))).toMatchObject({ actions: ['consume'] });
    expect(foundIn(state, one({ ...grant, is_prefix: true }))).toMatchObject({ actions: ['peek'] });
    expect(foundIn(state, one({ ...grant, principal: 'service:b' }))).toBeUndefined();
  });
});

describe('afterwards', () => {
  const before = {
    name: 'orders',
    owner: 'pay',
    partitions: 4,
    config: { 'retention.ms': '1', 'max.message.bytes': '2' },
  };
  test('an alteration changes what it names, and unsets', () => {
    const change = one({
      kind: 'alter_topic',
      name: 'orders',
      set: { 'retention.ms': 5 },
      unset: ['max.message.bytes'],
      tier: 'page',
    });
    expect(afterwards(change, before)).toEqual({ ...before, tier: 'page', config: { 'retention.ms': '5' } });
  });
  test('partitions, owners, deletions', () => {
    expect(afterwards(one({ kind: 'add_partitions', name: 'orders', partitions: 8 }), before)).toEqual({
      ...before,
      partitions: 8,
    });
    const { owner: _, ...ownerless } = before;
    expect(afterwards(one({ kind: 'set_owner', resource: 'topic', name: 'orders' }), before)).toEqual(ownerless);
    expect(afterwards(one({ kind: 'delete_topic', name: 'orders' }), before)).toBeUndefined();
    expect(effectOf(one({ kind: 'revoke_grant' }))).toBe('deletes');
  });
  test('what is put is so as a whole', () => {
    expect(afterwards(one({ kind: 'set_quota', team: 'pay', topics: 3 }), { team: 'pay', partitions: 9 })).toEqual({
      team: 'pay',
      topics: 3,
    });
  });
});

test('every template is a bundle of its kind', () => {
  for (const kind of TEMPLATE_KINDS) expect(changesOfBundle(templateOf(kind, 'x'))?.[0]?.kind).toBe(kind);
  expect(changesOfBundle(templateOf('nothing'))).toEqual([]);
});

test('what is asked for comes to what is granted, and takes nothing away', () => {
  const held = { kind: 'topic', name: 'a', principal: 'team:pay', actions: ['consume'], expires_at_us: '5' };
  const others = [
    { ...held, principal: 'team:shop', actions: ['manage'] },
    { ...held, is_prefix: true, actions: ['produce'] },
  ];
  const asked = (grants: Parameters<typeof grantBundle>[3]) =>
    changesOfBundle(grantBundle('a', 'team:pay', 'peek', grants))?.[0]?.fields;
  expect(asked(others)).toEqual({ resource: 'topic', name: 'a', principal: 'team:pay', actions: ['peek'] });
  expect(asked([...others, held])).toMatchObject({ actions: ['consume', 'peek'], expires_at_us: 5 });
});
