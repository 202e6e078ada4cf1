import { describe, expect, it } from 'vitest';

import type { Schemas } from '@/api/client';

import {
  bodyOf,
  errorsIn,
  faultsOf,
  type Found,
  isWish,
  NOTHING_YET,
  RUN,
  SEARCH_DEFAULTS,
  searchCommand,
  shareOf,
  whyOver,
  withAnswer,
} from './search';

type Answer = Schemas['SearchMessagesResponse'];
const wish = (change: Partial<typeof SEARCH_DEFAULTS>) => ({ ...SEARCH_DEFAULTS, ...change });

describe('what is looked for', () => {
  it('is what was filled in, and nothing else', () => {
    expect(isWish(SEARCH_DEFAULTS, '')).toBe(false);
    expect(isWish(wish({ whole: true, anycase: true, value: 'x', first: '7' }), '')).toBe(false);
    expect(isWish(wish({ until: '2026-11-23T02:30' }), '')).toBe(true);
    expect(bodyOf(SEARCH_DEFAULTS, '', 'utc')).toEqual({});
    expect(bodyOf(wish({ key: 'a', body: ' b ', anycase: true }), '', 'utc')).toEqual({
      key_contains: 'a',
      body_contains: ' b ',
      ignore_case: true,
    });
    expect(bodyOf(wish({ key: 'a', whole: true, since: '2026-11-23T02:30' }), '3', 'utc')).toEqual({
      partition: 3,
      key_equals: 'a',
      from_us: '1795401000000000',
    });
    expect(bodyOf(wish({ header: 'trace', value: '47' }), '', 'utc')).toEqual({
      header_name: 'trace',
      header_value: '47',
    });
  });

  it('has offsets within a partition alone', () => {
    const offsets = wish({ first: '7', below: '9' });
    expect(bodyOf(offsets, '', 'utc')).toEqual({});
    expect(bodyOf(offsets, '0', 'utc')).toEqual({ partition: 0, from_offset: '7', to_offset: '9' });
    expect(faultsOf(wish({ first: 'x', value: 'y' }), '0')).toEqual({ first: true, value: true });
    expect(faultsOf(wish({ first: 'x' }), '')).toEqual({});
  });

  it('is the same on the command line', () => {
    expect(searchCommand('orders', wish({ body: 'IBAN 4', since: '2026-11-23T02:30' }), '', 'utc')).toBe(
      "lanemq message search orders --from 2026-11-23T02:30:00Z --contains 'IBAN 4'",
    );
    expect(
      searchCommand('orders', wish({ key: '-k', whole: true, header: 'trace', value: '4', first: '5' }), '2', 'utc'),
    ).toBe('lanemq message search orders -p 2 --from-offset 5 --key=-k --header trace=4');
    expect(searchCommand('orders', wish({ key: 'k', anycase: true }), '', 'utc')).toBe(
      'lanemq message search orders --key-contains k --ignore-case',
    );
  });
});

const range = (partition: number, from: number, to: number, more: object = {}) => ({
  partition,
  from_offset: String(from),
  to_offset: String(to),
  log_start_offset: '1',
  log_end_offset: '101',
  ...more,
});
const answer = (change: Partial<Answer>): Answer => ({
  messages: [],
  ranges: [],
  scanned_rows: '0',
  scanned_bytes: '0',
  is_complete: false,
  ended: 'TIME',
  ...change,
});
const hit = (partition: number, offset: number) => ({
  topic: 'orders',
  partition,
  message: { offset: String(offset), timestamp_us: '1' },
});

describe('what came of it', () => {
  const first = answer({
    messages: [hit(0, 4)],
    ranges: [range(0, 1, 101), range(1, 1, 51)],
    scanned_rows: '150',
    scanned_bytes: '9007199254740993',
    next_page: 'c1',
  });
  const second = answer({
    messages: [hit(1, 60)],
    ranges: [range(1, 51, 101, { lost: [{ from_offset: '70', to_offset: '72' }] })],
    scanned_rows: '48',
    is_complete: true,
    ended: 'DONE',
  });

  it('is put together over answers', () => {
    const one = withAnswer(NOTHING_YET, first, 900);
    expect(one.cursor).toBe('c1');
    expect(one.bytes).toBe(9007199254740993n);
    expect(shareOf(one, 2)).toBeCloseTo(0.75);
    const two = withAnswer(one, second, 100);
    expect(two.messages.map((message) => message.offset)).toEqual([4n, 60n]);
    expect(two).toMatchObject({ rows: 198n, ms: 1_000, cursor: null });
    expect(two.looked[1]).toMatchObject({ partition: 1, from: 1n, to: 101n, lost: [{ from: '70', to: '72' }] });
    expect(shareOf(two, 2)).toBe(1);
    expect(shareOf(NOTHING_YET, 2)).toBe(0);
  });

  it('says why it is over', () => {
    const going: Found = { ...NOTHING_YET, cursor: 'c' };
    const messages = Array.from({ length: RUN.results }, () => withAnswer(NOTHING_YET, first, 1).messages[0]!);
    expect(whyOver(NOTHING_YET, going, 'TIME')).toBeNull();
    expect(whyOver(NOTHING_YET, { ...going, messages }, 'RESULTS')).toBe('results');
    expect(whyOver({ ...going, messages }, { ...going, messages }, 'ROWS')).toBeNull();
    expect(whyOver(NOTHING_YET, { ...going, messages: messages.slice(0, 1) }, 'BYTES')).toBe('bytes');
    expect(whyOver(NOTHING_YET, going, 'BYTES')).toBeNull();
    expect(whyOver(NOTHING_YET, { ...going, rows: RUN.rows }, 'ROWS')).toBe('rows');
    expect(whyOver(NOTHING_YET, { ...going, ms: RUN.ms }, 'TIME')).toBe('time');
    expect(whyOver(NOTHING_YET, withAnswer(NOTHING_YET, second, 1), 'DONE')).toBe('done');
    const error = { code: 'DATA_NODE_UNAVAILABLE', message: 'gone' } as unknown as Schemas['LaneMqError'];
    const failed = withAnswer(NOTHING_YET, answer({ ranges: [range(3, 5, 5, { error })], ended: 'DONE' }), 1);
    expect(whyOver(NOTHING_YET, failed, 'DONE')).toBe('incomplete');
    expect([...errorsIn(failed)]).toEqual([[3, 'gone']]);
  });
});
