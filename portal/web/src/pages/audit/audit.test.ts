import { describe, expect, test } from 'vitest';

import {
  type AuditEvent,
  type AuditPage,
  fileName,
  flagsOf,
  fromField,
  queryOf,
  rangeOf,
  readAll,
  spanOf,
  toField,
  toLines,
  URL_STATE,
} from './audit';

const event = (id: string): AuditEvent => ({
  id,
  at_us: '1763863770000000',
  actor: 'person:ann',
  source: '127.0.0.1:1',
  request_id: 'r',
  action: 'createTopic',
  object_kind: 'topic',
  object_name: 'orders',
  result: 'ok',
});

test('spans of the past', () => {
  expect(spanOf('24h')).toBe(86_400_000);
  expect(spanOf('7d')).toBe(7 * 86_400_000);
  for (const text of ['', 'custom', '7w', '-1h']) expect(spanOf(text)).toBeNull();
});

test('a range begins at a whole minute, so that a refresh asks the same', () => {
  const state = { since: '1h', from: '', until: '' };
  expect(rangeOf(state, 7_260_000)).toEqual({ from_us: '3660000000' });
  expect(rangeOf(state, 7_319_999)).toEqual({ from_us: '3660000000' });
  expect(rangeOf({ since: '', from: '', until: '' }, 0)).toEqual({});
  expect(rangeOf({ since: 'custom', from: '2026-11-23T00:00Z', until: 'rubbish' }, 0)).toEqual({
    from_us: '1795392000000000',
  });
});

test('the API and the command line get the same search', () => {
  const state = { ...URL_STATE, actor: 'billing', kind: 'topic', result: 'denied' };
  expect(queryOf(state, 86_400_000)).toEqual({
    actor: 'billing',
    object_kind: 'topic',
    result: 'denied',
    from_us: '0000',
  });
  expect(flagsOf(state)).toEqual(['--actor', 'billing', '--kind', 'topic', '--denied', '--since', '-24h']);
  expect(flagsOf({ ...state, since: 'custom', from: '2026-11-23T00:00Z' })).toContain('2026-11-23T00:00Z');
});

test('fields of time and instants, in both clocks', () => {
  expect(toField('2026-11-23T01:29Z', 'utc')).toBe('2026-11-23T01:29');
  expect(fromField('2026-11-23T01:29', 'utc')).toBe('2026-11-23T01:29Z');
  expect(fromField(toField('2026-07-01T12:00Z', 'local'), 'local')).toBe('2026-07-01T12:00Z');
  expect(toField('', 'utc')).toBe('');
  expect(fromField('', 'utc')).toBe('');
});

describe('readAll', () => {
  const pages = (list: AuditPage[]) => (cursor: string) =>
    Promise.resolve(list[cursor === '' ? 0 : Number(cursor)] as AuditPage);

  test('reads until there is no next page', async () => {
    const told: number[] = [];
    const all = await readAll(
      pages([
        { events: [event('3'), event('2')], has_more: true, next_cursor: '1' },
        { events: [event('1')], has_more: false },
      ]),
      (count) => told.push(count),
    );
    expect(all.events.map((one) => one.id)).toEqual(['3', '2', '1']);
    expect(all.isCut).toBe(false);
    expect(told).toEqual([2, 3]);
  });

  test('ends, and says so, when there is too much', async () => {
    const all = await readAll(
      () => Promise.resolve({ events: [event('1')], has_more: true, next_cursor: String(Math.random()) }),
      () => {},
      3,
    );
    expect(all.events).toHaveLength(3);
    expect(all.isCut).toBe(true);
  });

  test('a node that does not answer ends it instead of holding it for ever', async () => {
    const all = await readAll(
      pages([
        { events: [event('1')], has_more: true, next_cursor: '1', unreachable: ['db2'] },
        { events: [], has_more: true, next_cursor: '1', unreachable: ['db2'] },
      ]),
      () => {},
    );
    expect(all.events).toHaveLength(1);
    expect(all.unreachable).toEqual(['db2']);
  });

  test('an empty page in between is gone past', async () => {
    const all = await readAll(
      pages([
        { events: [], has_more: true, next_cursor: '1' },
        { events: [event('1')], has_more: false },
      ]),
      () => {},
    );
    expect(all.events).toHaveLength(1);
  });
});

test('the file has a line for each event, and the day in its name', () => {
  expect(
    toLines([event('2'), event('1')])
      .trimEnd()
      .split('\n'),
  ).toHaveLength(2);
  expect(fileName([event('1')])).toBe('audit-2025-11-23.jsonl');
  expect(fileName([])).toBe('audit-empty.jsonl');
});
