import { expect, test } from 'vitest';

import { splitPrincipal, whoOf } from './who';

test('roles imply what is below them', () => {
  expect(whoOf('person:ann', 'admin')).toMatchObject({ mayAdminister: true, mayOperate: true });
  expect(whoOf('person:ann', 'operator')).toMatchObject({ mayAdminister: false, mayOperate: true });
  expect(whoOf('person:ann', 'viewer')).toMatchObject({ mayAdminister: false, mayOperate: false });
  expect(whoOf('person:ann', undefined)).toMatchObject({ mayAdminister: false, mayOperate: false });
});

test('a cluster without sign-in lets everybody', () => {
  expect(whoOf('anonymous', undefined)).toMatchObject({ mayAdminister: true, mayOperate: true });
});

test('a principal has a kind and a name', () => {
  expect(splitPrincipal('team:pay')).toEqual({ kind: 'team', name: 'pay' });
  expect(splitPrincipal('anonymous')).toEqual({ kind: '', name: 'anonymous' });
});
