import { expect, test } from 'vitest';

import {
  contactsOf,
  hasNoLead,
  isAccessName,
  leadsOf,
  membersOf,
  roleIn,
  versionTag,
  withMember,
  withoutMember,
} from './team';

const team = {
  name: 'pay',
  members: [
    { person: 'zoe', role: 'member' },
    { person: 'bob', role: 'lead' },
    { person: 'ann', role: 'member' },
    { person: 'amy', role: 'lead' },
  ],
};

test('leads stand first', () => {
  expect(membersOf(team).map((member) => member.person)).toEqual(['amy', 'bob', 'ann', 'zoe']);
  expect(leadsOf(team)).toEqual(['amy', 'bob']);
  expect(membersOf({ name: 'empty' })).toEqual([]);
});

test('whoever looks for help is led to leads, else to members, and to where alerts go', () => {
  expect(contactsOf({ ...team, oncall_route: 'pager' })).toEqual({ people: ['amy', 'bob'], route: 'pager' });
  const members = ['d', 'c', 'b', 'a'].map((person) => ({ person, role: 'member' }));
  expect(contactsOf({ name: 'pay', members, oncall_route: '' })).toEqual({ people: ['a', 'b', 'c'], route: undefined });
  expect(contactsOf({ name: 'empty' }).people).toEqual([]);
});

test('a person is in a team once', () => {
  const members = withMember(team.members, 'ann', 'lead');
  expect(members).toHaveLength(4);
  expect(roleIn({ name: 'pay', members }, 'ann')).toBe('lead');
  expect(roleIn(team, 'nobody')).toBeUndefined();
});

test('a team without a lead is told', () => {
  expect(hasNoLead(team.members)).toBe(false);
  expect(hasNoLead(withoutMember(withoutMember(team.members, 'bob'), 'amy'))).toBe(true);
  expect(hasNoLead([])).toBe(true);
});

test('names are as the server has them', () => {
  expect(isAccessName('payments-eu.2')).toBe(true);
  for (const name of ['', 'Pay', '2pay', '-pay', 'pay ments', 'a'.repeat(101)]) expect(isAccessName(name)).toBe(false);
});

test('a team is changed as it was seen, and made where there is none', () => {
  expect(versionTag({ name: 'pay', version: '9007199254740993' })).toBe('"v9007199254740993"');
  expect(versionTag(undefined)).toBe('"v0"');
});
