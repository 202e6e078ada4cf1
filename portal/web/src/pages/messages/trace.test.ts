import { describe, expect, it } from 'vitest';

import {
  byUrgency,
  failureOf,
  groupPlace,
  type GroupTrace,
  groupWords,
  happeningsOf,
  letterPath,
  logWords,
  placeOf,
  type Trace,
} from './trace';

const trace = (change: Partial<Trace>): Trace => ({
  place: 'stored',
  at_us: '100',
  log_start: '1',
  log_end: '50',
  data_node: 'db1',
  table_name: 'lanemq.msg_1_0',
  groups: [],
  groups_hidden: 0,
  has_more_groups: false,
  ...change,
});
const group = (place: string, change: Partial<GroupTrace> = {}): GroupTrace => ({
  group: 'shop.billing',
  place,
  committed_at_us: '40',
  ...change,
});
const failed = { attempts: 3, first_failed_at_us: '20', last_failed_at_us: '30', reason: 'exit_65' };
const deed = { at_us: '35', action: 'drop', is_exact: true, requested_by: 'person:ada', reason: '' };

describe('the message', () => {
  it('is said to be somewhere, whatever the word', () => {
    expect(placeOf('lost')).toEqual(['bad', 'trace.lost']);
    expect(placeOf('elsewhere')).toBeNull();
    expect(logWords(trace({}), 5n).text).toBe('trace.storedIn');
    expect(logWords(trace({ lost_at_us: '7' }), 5n).text).toBe('trace.storedAnew');
    expect(logWords(trace({ place: 'not_yet' }), 1_050n).values).toEqual({ n: '1,000' });
    expect(logWords(trace({ place: 'missing', next_offset: '9' }), 5n).values).toEqual({ next: '9' });
    const removal = { cause: 'trim', at_us: '9', requested_by: 'person:ada' };
    expect(logWords(trace({ place: 'removed', removal }), 5n)).toEqual({
      text: 'trace.trimmedBy',
      values: { who: 'person:ada' },
    });
    expect(logWords(trace({ place: 'removed' }), 5n).text).toBe('trace.removedSomehow');
    expect(logWords(trace({ place: 'new' }), 5n).values).toEqual({ place: 'new' });
  });
});

describe('a group', () => {
  it('has done it, or somebody did something to its dead letter', () => {
    expect(groupPlace(group('passed'))).toEqual(['good', 'trace.passed']);
    expect(groupPlace(group('passed', { deeds: [deed] }))).toEqual(['warn', 'trace.dropped']);
    expect(groupPlace(group('passed', { deeds: [{ ...deed, is_exact: false }] }))).toEqual(['good', 'trace.passed']);
    expect(groupPlace(group('passed', { deeds: [{ ...deed, action: 'redrive_to_group' }] }))?.[1]).toBe(
      'trace.redriven',
    );
    expect(groupPlace(group('retrying', { deeds: [deed] }))?.[1]).toBe('trace.retrying');
  });

  it('says how it is with it, and since when', () => {
    const letter = { ...failed, dead_at_us: '33' };
    expect(groupWords(group('dead_letter', { dead_letter: letter }))).toMatchObject({ values: { n: 3 }, atUs: '33' });
    const retrying = { ...failed, due_at_us: '60', is_being_handled: false };
    expect(groupWords(group('retrying', { retrying })).text).toBe('trace.attemptsSoFar');
    expect(groupWords(group('retrying', { retrying: { ...retrying, is_being_handled: true } })).text).toBe(
      'trace.attemptRuns',
    );
    expect(groupWords(group('not_read')).text).toBe('trace.nothingCommitted');
    expect(groupWords(group('not_read', { committed_offset: '5', behind: '0' })).text).toBe('trace.nextOne');
    expect(groupWords(group('not_read', { committed_offset: '5', behind: '1200' })).values).toMatchObject({
      n: '1,200',
    });
    expect(groupWords(group('passed', { committed_offset: '5' })).values).toEqual({ offset: '5' });
    expect(failureOf(group('dead_letter', { dead_letter: { ...letter, last_error: 'no' } }))).toBe('exit_65: no');
    expect(letterPath(group('dead_letter', { dead_letter: letter }), 'a/0/5')).toBe(
      '/groups/shop.billing/dead-letters?letter=a%2F0%2F5&dead=33',
    );
    expect(letterPath(group('passed'), 'a/0/5')).toBeNull();
  });

  it('that has trouble comes first, and one with an unknown word last', () => {
    const places = ['new', 'passed', 'not_read', 'dead_letter'].map((place) => group(place));
    expect(byUrgency(places).map((one) => one.place)).toEqual(['dead_letter', 'not_read', 'passed', 'new']);
  });
});

it('tells what happened in the order of time', () => {
  const told = happeningsOf(
    trace({
      place: 'removed',
      timestamp_us: '10',
      removal: { cause: 'time', at_us: '90' },
      groups: [
        group('dead_letter', { dead_letter: { ...failed, dead_at_us: '33' }, deeds: [{ ...deed, is_exact: false }] }),
        group('retrying', {
          group: 'b',
          retrying: { ...failed, last_failed_at_us: '20', due_at_us: '99', is_being_handled: false },
          deeds: [{ ...deed, at_us: '8', action: 'other', redrive_id: '4', redrive_state: 'done' }],
        }),
      ],
    }),
  );
  expect(told.map((one) => [one.atUs, one.text])).toEqual([
    ['8', 'trace.deed'],
    ['10', 'trace.wasStored'],
    ['20', 'trace.firstFailed'],
    ['20', 'trace.firstFailed'],
    ['30', 'trace.lastFailed'],
    ['33', 'trace.gaveUp'],
    ['35', 'trace.drop'],
    ['90', 'trace.removedTime'],
  ]);
  expect(told[0]).toMatchObject({ values: { action: 'other' }, redrive: { id: '4', state: 'done' } });
  expect(told[6]).toMatchObject({ isMaybe: true, who: 'person:ada' });
});
