import { expect, test } from 'vitest';

import { hasNoLead, isAccessName, leadsOf, membersOf, roleIn, versionTag, withMember, withoutMember } from './team';

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
