import { expect, test } from 'vitest';

import { type Finding, KINDS, nextStep, toneOf } from './finding';

const finding = (kind: string, name = 'orders', about = 'topic'): Finding => ({
  kind,
  object_kind: about,
  object_name: name,
  text: '',
  teams: [],
});

test('every kind has a next step', () => {
  for (const kind of KINDS) expect(nextStep(finding(kind))).not.toBeNull();
  expect(nextStep(finding('moon_phase'))).toBeNull();
  expect(toneOf(finding('moon_phase'))).toBe('quiet');
});

test('a grant on what many names begin with is not searched for by a name', () => {
  expect(nextStep(finding('grant_ends'))?.to).toBe('/grants?kind=topic&name=orders');
  expect(nextStep(finding('grant_ends', 'orders.*'))?.to).toBe('/grants?kind=topic');
});

test('topics lead to their page, groups to theirs', () => {
  expect(nextStep(finding('nobody_reads', 'a/b'))?.to).toBe('/topics/a%2Fb');
  expect(nextStep(finding('owner_gone', 'billing', 'group'))?.to).toBe('/owners?q=billing');
});
