import { expect, test } from 'vitest';

import { isShut, mayCancel, type Move, outlookOf, paceFrom, restMs, shareOf } from './move';

const move = (values: Partial<Move> = {}): Move => ({
  id: '1',
  topic: 'orders',
  partition: 0,
  from_node: 'a',
  to_node: 'b',
  state: 'copying',
  bytes_per_second: '1',
  copied_end: '25',
  source_end: '100',
  bytes_copied: '0',
  created_at_us: '1000000',
  ...values,
});

test('until it opens, a move can be taken back', () => {
  expect(['copying', 'sealing', 'handing_over', 'opening', 'done'].map((state) => mayCancel({ state }))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(isShut({ state: 'copying' })).toBe(false);
  expect(isShut({ state: 'handing_over' })).toBe(true);
});

test('how far it is, and how long it takes at that pace', () => {
  expect(shareOf(move())).toBe(25);
  expect(shareOf(move({ source_end: '0' }))).toBeNull();
  expect(shareOf(move({ source_end: '9223372036854775807', copied_end: '9223372036854775807' }))).toBe(100);
  expect(restMs(move(), 11_000)).toBe(30_000);
  expect(restMs(move({ copied_end: '0' }), 11_000)).toBeNull();
  expect(restMs(move({ state: 'cleaning' }), 11_000)).toBeNull();
});

test('what an evacuation would do, and why it would not', () => {
  const refused = { code: 'INSUFFICIENT_CAPACITY', message: 'no room' } as const;
  const begun = { topic: 'a', partition: 0 };
  expect(
    outlookOf([
      begun,
      { ...begun, error: refused },
      { ...begun, error: refused },
      { ...begun, error: { code: 'ALREADY_EXISTS', message: 'moves' } },
    ]),
  ).toEqual({ movable: 1, refused: [['no room', 2]] });
});

test('a pace has bounds', () => {
  expect(paceFrom('')).toBe('');
  expect(paceFrom('25')).toBe('25000000');
  for (const wrong of ['0', '0.05', '2001', 'x']) expect(paceFrom(wrong)).toBeNull();
});
