import { expect, it } from 'vitest';

import { canEditHeaders, changesOf, formOf } from './editForm';
import type { Letter } from './letterFilter';

const letter = (message: Partial<Letter['message']>): Letter => ({
  id: { group: 'billing', topic: 'orders', partition: 0, offset: '42' },
  message: { offset: '42', timestamp_us: '1', ...message },
  attempts: 3,
});
const orders = letter({ key: 'c-1', body: '{"a":1}', headers: [{ name: 'currency', value: 'EUR' }] });

it('sends what was changed alone', () => {
  expect(changesOf(orders, formOf(orders))).toEqual({});
  expect(changesOf(orders, { ...formOf(orders), body: '{"a":2}' })).toEqual({ body: '{"a":2}' });
  expect(changesOf(orders, { ...formOf(orders), headers: 'currency: USD\nnew: x' })).toEqual({
    headers: [
      { name: 'currency', value: 'USD' },
      { name: 'new', value: 'x' },
    ],
  });
});

it('tells no key from an empty one', () => {
  expect(changesOf(orders, { ...formOf(orders), isKeyless: true })).toEqual({ remove_key: true });
  expect(changesOf(orders, { ...formOf(orders), key: '' })).toEqual({ key: '' });
  const keyless = letter({ body: 'x' });
  expect(changesOf(keyless, { ...formOf(keyless), isKeyless: false })).toEqual({ key: '' });
  expect(changesOf(keyless, { ...formOf(keyless), isBodyless: true })).toEqual({ remove_body: true });
});

it('leaves a binary body alone unless it is replaced', () => {
  const binary = letter({ body_base64: '/w==' });
  expect(changesOf(binary, formOf(binary))).toEqual({});
  expect(changesOf(binary, { ...formOf(binary), body: 'text' })).toEqual({ body: 'text' });
});

it('refuses headers that are none, and does not touch binary ones', () => {
  expect(changesOf(orders, { ...formOf(orders), headers: 'nonsense' })).toBeNull();
  expect(canEditHeaders(orders)).toBe(true);
  expect(canEditHeaders(letter({ headers: [{ name: 'h', value_base64: '/w==' }] }))).toBe(false);
});
