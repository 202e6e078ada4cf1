import { expect, test } from 'vitest';

import { ownerChoices } from './owners';

test('own teams stand first, and once', () => {
  expect(ownerChoices(['shop', 'pay', 'shop'], ['ads', 'pay', 'shop', 'web'], '')).toEqual([
    { team: 'pay', isMine: true },
    { team: 'shop', isMine: true },
    { team: 'ads', isMine: false },
    { team: 'web', isMine: false },
  ]);
});

test('what the URL asks for can be chosen though teams are not known', () => {
  expect(ownerChoices([], [], 'gone')).toEqual([{ team: 'gone', isMine: false }]);
});
