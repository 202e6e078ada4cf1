import { describe, expect, it } from 'vitest';

import { countText, findingsOf, type Outbox } from './outboxRow';

const outbox = (report: Partial<Outbox['report']>, silent_ms = '1000'): Outbox => ({
  report: {
    outbox: 'shop@db:3306',
    relay: 'r1',
    ready: '0',
    held: '0',
    dead: '0',
    oldest_age_ms: '0',
    relays: 1,
    unowned_buckets: 0,
    ...report,
  },
  first_seen_us: '1',
  reported_us: '1',
  silent_ms,
});
const words = (of: Outbox) => findingsOf(of).map(({ text }) => text.slice('outboxes.'.length));

describe('findingsOf', () => {
  it('is empty when all is well', () => {
    expect(words(outbox({ ready: '5', oldest_age_ms: '29999' }))).toEqual([]);
  });
  it('does not judge relays by an old report', () => {
    expect(words(outbox({ relays: 0 }, '60000'))).toEqual(['silent']);
    expect(words(outbox({ relays: 0, unowned_buckets: 9 }))).toEqual(['noRelay']);
    expect(words(outbox({ unowned_buckets: 9 }))).toEqual(['unowned']);
  });
  it('tells the worst first', () => {
    expect(words(outbox({ dead: '1', held: '2', oldest_age_ms: '30000', unowned_buckets: 1 }))).toEqual([
      'unowned',
      'dead',
      'late',
      'held',
    ]);
  });
  it('says that there may be more than are counted', () => {
    expect([countText('99999'), countText('100000')]).toEqual(['99.9k', '100k+']);
  });
});
