import { describe, expect, it } from 'vitest';

import { DEFAULT_POLICY, formOf, patienceOf, policyOf, waitsOf } from './retryForm';

describe('the form of a policy', () => {
  it('goes there and back', () => {
    const policy = { ...DEFAULT_POLICY, max_attempts: 5, fatal_reasons: ['bad_json', 'gone'] };
    expect(policyOf(formOf(policy))).toEqual({ policy, faults: {} });
    const listed = { max_attempts: 4, jitter: 0, delays_ms: ['1000', '5000', '60000'] };
    expect(policyOf(formOf(listed))).toEqual({ policy: listed, faults: {} });
  });
  it('shows what holds where nothing was set', () => {
    expect(formOf({})).toMatchObject({ maxAttempts: '16', firstDelay: '1s', maxDelay: '1h', multiplier: '2' });
  });
  it('names the fields that are wrong', () => {
    const form = { ...formOf({}), maxAttempts: '0', firstDelay: 'soon', maxDelay: '31d', multiplier: '', jitter: '2' };
    expect(Object.keys(policyOf(form).faults).sort()).toEqual([
      'firstDelay',
      'jitter',
      'maxAttempts',
      'maxDelay',
      'multiplier',
    ]);
    expect(policyOf({ ...formOf({}), maxAttempts: '2.5' }).faults).toEqual({ maxAttempts: true });
    expect(policyOf({ ...formOf({}), hasList: true, delays: '1s, x' }).faults).toEqual({ delays: true });
  });
});

describe('waits', () => {
  it('double up to the longest', () => {
    const policy = { max_attempts: 5, first_delay_ms: '1000', max_delay_ms: '3000', multiplier: 2 };
    expect(waitsOf(policy)).toEqual([1_000, 2_000, 3_000, 3_000]);
    expect(patienceOf(policy)).toBe(9_000);
  });
  it('repeat the last of a list', () => {
    expect(waitsOf({ max_attempts: 4, delays_ms: ['10', '20'] })).toEqual([10, 20, 20]);
  });
  it('are none for who is never tried again', () => {
    expect(waitsOf({ max_attempts: 1 })).toEqual([]);
  });
});
