import { describe, expect, it } from 'vitest';

import { momentText, parseMoment, parseSpan, spanText, toUs } from './span';

describe('parseSpan', () => {
  it('reads units, several after each other', () => {
    expect(['250ms', '90s', '1h30m', '2 d', '1.5h', '5min'].map(parseSpan)).toEqual([
      250, 90_000, 5_400_000, 172_800_000, 5_400_000, 300_000,
    ]);
  });
  it('refuses what is none', () => {
    expect(['', '5', 'soon', '5 fortnights', '-3s', '3s!'].map(parseSpan)).toEqual([
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('spanText', () => {
  it('is read as the same', () => {
    for (const ms of [1, 250, 1_000, 90_000, 5_400_000, 3_600_000, 90_061_001]) {
      expect(parseSpan(spanText(ms))).toBe(ms);
    }
    expect([spanText('3600000'), spanText(0), spanText(undefined)]).toEqual(['1h', '0s', '']);
  });
});

describe('moments', () => {
  it('are of the chosen clock', () => {
    expect(parseMoment('2026-11-23T01:29', 'utc')).toBe(Date.UTC(2026, 10, 23, 1, 29));
    expect(parseMoment('2026-11-23T01:29:30.5', 'utc')).toBe(Date.UTC(2026, 10, 23, 1, 29, 30, 500));
    expect(parseMoment('2026-11-23 01:29', 'local')).toBe(new Date(2026, 10, 23, 1, 29).getTime());
    expect(parseMoment('yesterday', 'utc')).toBeNull();
  });
  it('go there and back', () => {
    const at = Date.UTC(2026, 2, 29, 1, 30, 5);
    expect(parseMoment(momentText(at, 'utc'), 'utc')).toBe(at);
    expect(parseMoment(momentText(at, 'local'), 'local')).toBe(at);
    expect(toUs(at)).toBe(`${at}000`);
  });
});
