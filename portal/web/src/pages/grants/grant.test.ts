import { expect, test } from 'vitest';

import { actionsOf, endIn, isPrincipal, objectFrom, objectOf } from './grant';

test('a star at the end is a prefix, both ways', () => {
  expect(objectFrom(' orders.* ')).toEqual({ name: 'orders.', is_prefix: true });
  expect(objectFrom('orders')).toEqual({ name: 'orders', is_prefix: false });
  expect(objectOf({ kind: 'topic', name: 'orders.', is_prefix: true, principal: '', actions: [] })).toBe('orders.*');
});

test('only actions that the kind has', () => {
  expect(actionsOf('group', ['peek', 'manage', 'consume'])).toEqual(['consume', 'manage']);
  expect(actionsOf('topic', new Set(['peek', 'describe']))).toEqual(['describe', 'peek']);
});

test('grants are to services and teams', () => {
  expect(isPrincipal('service:billing')).toBe(true);
  expect(isPrincipal('team:pay')).toBe(true);
  expect(isPrincipal('person:ann')).toBe(false);
  expect(isPrincipal('billing')).toBe(false);
});

test('an end is so many days on, as it was, or never', () => {
  expect(endIn('30', 0)).toBe('2592000000000');
  expect(endIn('', 0, '7')).toBeUndefined();
  expect(endIn('keep', 0, '7')).toBe('7');
});
