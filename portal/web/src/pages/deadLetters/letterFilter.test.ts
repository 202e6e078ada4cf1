import { describe, expect, it } from 'vitest';

import {
  countOf,
  filterOf,
  filterWords,
  hiddenTopics,
  idText,
  idWords,
  isAny,
  type Letter,
  LOOK,
  parseId,
  randomId,
  sums,
  whyHidden,
} from './letterFilter';

describe('filters', () => {
  it('ask for what is set', () => {
    expect(filterOf('billing', LOOK, 0)).toEqual({ group: 'billing' });
    const look = { ...LOOK, topic: 'orders', partition: '3', reason: 'timeout', key: 'c-1', since: '1h' };
    expect(filterOf('billing', look, 7_200_000)).toEqual({
      group: 'billing',
      topic: 'orders',
      partition: 3,
      reason: 'timeout',
      key: 'c-1',
      from_us: '3600000000',
    });
    expect([isAny(LOOK), isAny(look)]).toEqual([true, false]);
  });
  it('leave out what is no partition', () => {
    expect(filterOf('billing', { ...LOOK, partition: 'x' }, 0)).toEqual({ group: 'billing' });
  });
  it('are the same on the command line', () => {
    expect(filterWords({ ...LOOK, topic: 'orders', since: '1h' })).toEqual(['-t', 'orders', '--since', '-1h']);
    expect(idWords([{ group: 'g', topic: 'orders', partition: 0, offset: '42' }])).toEqual(['--id', 'orders/0/42']);
  });
});

describe('ids', () => {
  it('go there and back, exactly', () => {
    const id = { group: 'g', topic: 'a/b', partition: 1, offset: '9007199254740993' };
    expect(parseId('g', idText(id))).toEqual(id);
    expect(parseId('g', 'orders/1')).toBeNull();
  });
  it('of redrives have 63 bits and are never 0', () => {
    expect(randomId(() => BigUint64Array.of(0xffff_ffff_ffff_ffffn))).toBe('9223372036854775807');
    expect(randomId(() => BigUint64Array.of(0x8000_0000_0000_0000n))).toBe('1');
  });
});

describe('counts', () => {
  const counts = [
    { topic: 'orders', partition: 0, reason: 'timeout', letters: '2', oldest_us: '50' },
    { topic: 'orders', partition: 1, reason: 'bad_json', letters: '9007199254740993', oldest_us: '70' },
    { topic: 'refunds', partition: 0, reason: 'timeout', letters: '3', oldest_us: '9' },
  ];
  it('are summed up, the most first', () => {
    expect(sums(counts, 'reason')).toEqual([
      { name: 'bad_json', letters: 9007199254740993n, oldest_us: '70' },
      { name: 'timeout', letters: 5n, oldest_us: '9' },
    ]);
  });
  it('say how many are meant, where they can', () => {
    expect(countOf(counts, { ...LOOK, reason: 'timeout' })).toBe(5n);
    expect(countOf(counts, { ...LOOK, topic: 'orders', partition: '0' })).toBe(2n);
    expect(countOf(counts, { ...LOOK, key: 'c-1' })).toBeNull();
  });
});

it('tells contents that were left out from those that are not there', () => {
  const letter = (topic: string, change: Partial<Letter>): Letter => ({
    id: { group: 'g', topic, partition: 0, offset: '1' },
    message: { offset: '1', timestamp_us: '1' },
    attempts: 1,
    ...change,
  });
  const hidden = letter('a', { last_error: 'left out: you may not consume a' });
  const shown = letter('b', { last_error: 'left out: a column', message: { offset: '1', timestamp_us: '1', key: '' } });
  expect(whyHidden(hidden)).toBe('you may not consume a');
  expect(whyHidden(shown)).toBeNull();
  expect(whyHidden(letter('c', {}))).toBeNull();
  expect([...hiddenTopics([hidden, shown, hidden])]).toEqual([['a', 'you may not consume a']]);
});
