import { expect, test } from 'vitest';

import { endingOf, holderOf, lifetimeLike, lifetimesFor, type Token } from './token';

const DAY_MS = 86_400_000;
const at = (days: number) => String(days * DAY_MS * 1_000);
const token = (values: Partial<Token>): Token => ({
  id: 'x',
  service_name: '',
  created_at_us: '0',
  created_by: '',
  ...values,
});

test('what has ended and what ends soon is told', () => {
  const now = 100 * DAY_MS;
  expect(endingOf(undefined, now)).toBeNull();
  expect(endingOf(at(100), now)?.text).toBe('tokens.ended');
  expect(endingOf(at(113), now)?.text).toBe('tokens.endsSoon');
  expect(endingOf(at(114), now)).toBeNull();
});

test('a person has no token for ever', () => {
  expect(lifetimesFor(true).map(([seconds]) => seconds)).toEqual(['2592000', '7776000']);
  expect(lifetimesFor(false)).toHaveLength(4);
});

test('a token in the place of another lasts as long, or a little longer', () => {
  expect(lifetimeLike(undefined)).toBe('7776000');
  expect(lifetimeLike(token({}))).toBe('');
  expect(lifetimeLike(token({ expires_at_us: at(30) }))).toBe('2592000');
  expect(lifetimeLike(token({ expires_at_us: at(31) }))).toBe('7776000');
  expect(lifetimeLike(token({ expires_at_us: at(4000) }))).toBe('');
});

test("a token is a service's or a person's", () => {
  expect(holderOf(token({ service_name: 'billing' }))).toBe('billing');
  expect(holderOf(token({ person: 'ann' }))).toBe('ann');
});
