import { expect, it } from 'vitest';

import type { Message } from './message';
import { added, backoffMs, EMPTY_TAIL, TAIL_KEPT } from './tail';

const at = (offset: number): Message => ({
  partition: 0,
  offset: BigInt(offset),
  atUs: String(1_000 + offset),
  key: null,
  body: null,
  headers: [],
  codec: 0,
  isHidden: false,
});

it('keeps the newest, and counts all', () => {
  const tail = added(
    added(EMPTY_TAIL, [at(1), at(2)]),
    Array.from({ length: 300 }, (_, i) => at(i + 3)),
  );
  expect(tail.seen).toBe(302);
  expect(tail.messages.length).toBe(TAIL_KEPT);
  expect(tail.messages[0]?.offset).toBe(302n);
  expect(added(tail, [])).toBe(tail);
});

it('waits longer from failure to failure, but not for ever', () => {
  expect([0, 1, 2, 20].map(backoffMs)).toEqual([500, 1_000, 2_000, 15_000]);
});
