import { expect, test } from 'vitest';

import { isBehind, ofObjective, ofTeams, type TopicLag, worstFirst } from './behind';

const lag = (group: string, lag_ms: string, objective_ms?: string) => ({ group, lag_ms, objective_ms }) as TopicLag;

test('lag is told in objectives, and not at all without one', () => {
  expect(ofObjective(lag('a', '90000', '60000'))).toBe(1.5);
  expect(ofObjective(lag('a', '90000'))).toBeNull();
  expect(ofObjective(lag('a', '90000', '0'))).toBeNull();
});

test('the group that is most beyond its objective stands first, whatever its time', () => {
  const sorted = worstFirst([lag('slow', '900000', '3600000'), lag('late', '120000', '60000'), lag('free', '50')]);
  expect(sorted.map(({ group }) => group)).toEqual(['late', 'slow', 'free']);
});

test('who is in teams sees what is theirs, who is in none sees all', () => {
  const lags = [{ ...lag('a', '1'), owner: 'shop' }, { ...lag('b', '1'), owner: 'other' }, lag('c', '1')];
  const of = (teams: string[], owned: string[]) => ofTeams(lags, teams, new Set(owned)).map(({ group }) => group);
  expect(of(['shop'], [])).toEqual(['a']);
  expect(of([], [])).toEqual(['a', 'b', 'c']);
  // Alerts of it go to nobody of the team: it is theirs all the same.
  expect(of(['shop'], ['c'])).toEqual(['a', 'c']);
});

test('a new group that is beyond its objective counts, one that is paused on purpose does not', () => {
  const of = (status: string, ms: string) => isBehind({ ...lag('g', ms, '1000'), status } as TopicLag);
  expect([of('OK', '10'), of('NEW', '900'), of('NEW', '1100'), of('PAUSED', '99999'), of('STALL', '0')]).toEqual([
    false,
    false,
    true,
    false,
    true,
  ]);
});
