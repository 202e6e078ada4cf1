import { expect, test } from 'vitest';

import { whoOf } from '@/pages/shared/who';

import { courseOf, hasEnded, mayEdit, needsReason, offersOf, stateOf, STATES } from './request';

const ann = whoOf('person:ann', 'viewer');
const ops = whoOf('person:ops', 'operator');
const of = (state: string) => ({ state, author: 'person:ann' });
const deeds = (state: string, who = ann) => offersOf(of(state), who).map((offer) => offer.deed);

test('every state has a tone and words', () => {
  for (const state of STATES) expect(stateOf(state)?.text).toBe(`requests.${state}`);
  expect(stateOf('thinking')).toBeNull();
});

test('the author may not decide on his own, and sees why', () => {
  const offers = offersOf(of('pending'), ann);
  expect(offers.map((offer) => offer.deed)).toEqual(['withdraw', 'decline', 'approve']);
  expect(offers.filter((offer) => offer.refusal)).toHaveLength(2);
  expect(offersOf(of('pending'), whoOf('person:bob', 'viewer'))).toEqual([
    { deed: 'decline', refusal: undefined },
    { deed: 'approve', refusal: undefined },
  ]);
});

test('the server says why one may not decide, and each deed that is refused says so', () => {
  const told = (cannot_decide: string, who = whoOf('person:bob', 'viewer')) =>
    offersOf({ ...of('pending'), can_decide: false, cannot_decide }, who).map(({ refusal }) => refusal);
  expect(told('not_asked')).toEqual(['requests.notAsked', 'requests.notAsked']);
  expect(told('expired')).toEqual(['requests.isTooLate', 'requests.isTooLate']);
  expect(told('has_agreed')).toEqual([undefined, 'requests.hasAgreed']);
  // Operators break the glass though they are not asked.
  expect(told('not_asked', ops)).toEqual([undefined, 'requests.notAsked', 'requests.notAsked']);
  // What a later server says is left to that server.
  expect(told('full_moon')).toEqual([undefined, undefined]);
});

test('who can decide is refused nothing', () => {
  const offers = offersOf({ ...of('pending'), can_decide: true }, whoOf('person:bob', 'viewer'));
  expect(offers.map(({ refusal }) => refusal)).toEqual([undefined, undefined]);
});

test('operators break the glass, and give up what is being applied', () => {
  expect(deeds('pending', ops)).toEqual(['break-glass', 'decline', 'approve']);
  expect(deeds('applying', ops)).toEqual(['give-up']);
  expect(deeds('applying', whoOf('person:bob', 'viewer'))).toEqual([]);
});

test('drafts are the author alone, and nothing is done with what has ended', () => {
  expect(deeds('draft')).toEqual(['withdraw', 'submit']);
  expect(deeds('draft', ops)).toEqual([]);
  for (const state of STATES.filter((state) => hasEnded(of(state)))) expect(deeds(state)).toEqual([]);
});

test('only the author edits, and only before it was decided', () => {
  expect(mayEdit(of('pending'), ann)).toBe(true);
  expect(mayEdit(of('approved'), ann)).toBe(false);
  expect(mayEdit(of('draft'), ops)).toBe(false);
});

test('a no needs a reason', () => {
  expect(needsReason('decline')).toBe(true);
  expect(needsReason('approve')).toBe(false);
});

test('the course is told in order, with who said yes as whom', () => {
  const request = {
    id: '1',
    author: 'person:ann',
    title: '',
    state: 'applied',
    version: '3',
    approvers: [],
    approvals: [{ approver: 'operators', by: 'person:ops', at_us: '20' }],
    missing: [],
    created_at_us: '9',
    changed_at_us: '100',
    changes: 1,
  };
  expect(courseOf(request).map((event) => event.what)).toEqual([
    'requests.wasMade',
    'requests.saidYes',
    'requests.applied',
  ]);
  expect(courseOf({ ...request, state: 'pending' })).toHaveLength(2);
});
