import { describe, expect, it } from 'vitest';

import { hasEnd, isTrouble, overObjective, pausesOf, STATUSES, timesText, verdictOf, worstFirst } from './lagRow';

describe('verdicts', () => {
  it('ranks from well to lost, and takes what is new for unknown', () => {
    expect(STATUSES.map((status) => verdictOf(status).rank)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(verdictOf('SLEEPY')).toBe(verdictOf('UNKNOWN'));
  });
  it('says what is trouble', () => {
    expect(STATUSES.filter(isTrouble)).toEqual(['WARN', 'REWIND', 'SLOW', 'STALL', 'STOP', 'LOST']);
  });
});

describe('lag over the objective', () => {
  it('is a ratio', () => {
    expect(overObjective({ lag_ms: '90000', objective_ms: '60000' })).toBe(1.5);
    expect(overObjective({ lag_ms: '90000', objective_ms: '0' })).toBeNull();
  });
  it('is written in two digits or so', () => {
    expect([null, 0.01, 0.42, 9.96, 12.4, 12_345].map(timesText)).toEqual([
      '–',
      '0×',
      '0.4×',
      '10.0×',
      '12×',
      '12,345×',
    ]);
  });
});

describe('worstFirst', () => {
  it('looks at the status, then at time, then at messages, exactly', () => {
    const row = (status: string, lag_ms: string, lag_messages: string) => ({ status, lag_ms, lag_messages });
    const rows = [
      row('OK', '9', '9'),
      row('SLOW', '5', '9007199254740992'),
      row('SLOW', '5', '9007199254740993'),
      row('STOP', '1', '1'),
    ];
    expect(worstFirst(rows)).toEqual([rows[3], rows[2], rows[1], rows[0]]);
  });
});

describe('pauses', () => {
  it('joins partitions with the same reason and end', () => {
    const row = (partition: number, until?: string) => ({
      topic: 'orders',
      partition,
      ...(until && { paused_until_us: until, pause_reason: 'ledger' }),
    });
    expect(pausesOf([row(0, '-1'), row(1), row(2, '-1'), row(3, '77')])).toEqual([
      { until_us: '-1', reason: 'ledger', partitions: ['orders/0', 'orders/2'] },
      { until_us: '77', reason: 'ledger', partitions: ['orders/3'] },
    ]);
    expect(['-1', '0', '77'].map(hasEnd)).toEqual([false, false, true]);
  });
});
