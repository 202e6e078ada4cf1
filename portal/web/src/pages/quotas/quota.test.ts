import { expect, test } from 'vitest';

import { amountFrom, amountText, shareOf, toneOf } from './quota';

test('shares of a limit', () => {
  expect(shareOf('5', undefined)).toBeNull();
  expect(shareOf('1', '3')).toBe(33.3);
  expect(shareOf('10', '10')).toBe(100);
  expect(shareOf('10001', '10000')).toBe(100.1);
  expect(shareOf('1', '0')).toBe(101);
  expect(shareOf('9223372036854775807', '9223372036854775807')).toBe(100);
});

test('what is nearly used up, and what is over', () => {
  expect(toneOf(null)).toBeNull();
  expect(toneOf(79.9)).toBeNull();
  expect(toneOf(80)?.tone).toBe('warn');
  expect(toneOf(100)?.text).toBe('quotas.full');
  expect(toneOf(100.1)?.tone).toBe('bad');
});

test('amounts as people write them', () => {
  expect(amountFrom('')).toBe('');
  expect(amountFrom('20k')).toBe('20000');
  expect(amountFrom('10 MB')).toBe('10000000');
  expect(amountFrom('1.5GiB')).toBe('1610612736');
  expect(amountFrom('1,000')).toBe('1000');
  for (const wrong of ['ten', '-1', '1.5.2', '9999999999999999999', '5 pigs']) expect(amountFrom(wrong)).toBeNull();
});

test('an amount comes back as it was', () => {
  for (const value of ['0', '1', '1024', '1500', '1099511627776', '123456789', '20000']) {
    expect(amountFrom(amountText(value, true))).toBe(value);
    expect(amountFrom(amountText(value, false))).toBe(value);
  }
  expect(amountText('1048576', true)).toBe('1 MiB');
  expect(amountText('20000', false)).toBe('20k');
  expect(amountText(undefined, true)).toBe('');
});
