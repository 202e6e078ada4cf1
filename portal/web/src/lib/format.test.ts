import { expect, test } from 'vitest';

import { bytes, compact, duration, exact, rate, relative, timestamp, toMs } from './format';

test('64-bit numbers stay exact', () => {
  expect(exact('9223372036854775807')).toBe('9,223,372,036,854,775,807');
  expect(exact('-1234')).toBe('-1,234');
  expect(exact('no number')).toBe('–');
});

test('short numbers never claim more than there is', () => {
  expect(compact('9999')).toBe('9,999');
  expect(compact('10000')).toBe('10k');
  expect(compact('12345')).toBe('12.3k');
  expect(compact('999999')).toBe('999k');
  expect(compact('-4560000')).toBe('-4.56M');
  expect(compact('9223372036854775807')).toBe('9,223,372T');
  expect(compact(undefined)).toBe('–');
});

test('sizes are in powers of 1024', () => {
  expect(bytes('1023')).toBe('1023 B');
  expect(bytes('1536')).toBe('1.5 KiB');
  expect(bytes('10995116277760')).toBe('10 TiB');
});

test('a length of time has two units at most', () => {
  expect(duration(850)).toBe('850 ms');
  expect(duration('12000')).toBe('12 s');
  expect(duration(200_000)).toBe('3 min 20 s');
  expect(duration(7 * 86_400_000)).toBe('7 d');
  expect(duration(90_061_000)).toBe('1 d 1 h');
});

test('rates of next to nothing are not nothing', () => {
  expect(rate(0)).toBe('0');
  expect(rate(0.004)).toBe('<0.01');
  expect(rate(0.42)).toBe('0.42');
  expect(rate(undefined)).toBe('–');
});

test('moments are told in UTC, and relative to now', () => {
  const ms = toMs('1795397370123000') as number;
  expect(timestamp(ms, 'utc', true)).toBe('2026-11-23 01:29:30.123Z');
  expect(relative(ms, ms + 125_000, 'en')).toBe('2 minutes ago');
  expect(relative(ms, ms - 7_200_000, 'zh')).toBe('2小时后');
  expect(toMs('0')).toBeNull();
});
