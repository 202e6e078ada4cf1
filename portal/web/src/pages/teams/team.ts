/** Members of a team, and what a change makes of them. */
import type { Schemas } from '@/api/client';

export type Team = Schemas['Team'];
export type Member = Schemas['TeamMember'];

const byRole = (a: Member, b: Member) =>
  (a.role === b.role ? 0 : a.role === 'lead' ? -1 : 1) || (a.person < b.person ? -1 : 1);

/** Leads first. */
export const membersOf = (team: Team): Member[] => [...(team.members ?? [])].sort(byRole);

export const leadsOf = (team: Team): string[] =>
  membersOf(team)
    .filter((member) => member.role === 'lead')
    .map((member) => member.person);

const CONTACTS_MAX = 3;

/** Whom to ask about what is the team's: some of its leads, of its members when it has none, and its on-call route. */
export function contactsOf(team: Team): { people: string[]; route: string | undefined } {
  const leads = leadsOf(team);
  const all = leads.length > 0 ? leads : membersOf(team).map(({ person }) => person);
  return { people: all.slice(0, CONTACTS_MAX), route: team.oncall_route || undefined };
}

export const roleIn = (team: Team, person: string): string | undefined =>
  team.members?.find((member) => member.person === person)?.role;

/** With a member more, or one of another role. */
export function withMember(members: Member[], person: string, role: string): Member[] {
  return [...members.filter((member) => member.person !== person), { person, role }].sort(byRole);
}

export const withoutMember = (members: Member[], person: string): Member[] =>
  members.filter((member) => member.person !== person);

/** Nobody could say yes to the team's requests any more. */
export const hasNoLead = (members: Member[]): boolean => !members.some((member) => member.role === 'lead');

/** For If-Match: the team as it was seen; without one, that there is none of its name yet. */
export const versionTag = (team: Team | undefined): string => `"v${team?.version ?? 0}"`;

/** As the server checks names of teams, services and people; null when it is one. */
export function isAccessName(name: string): boolean {
  return /^[a-z][a-z0-9._-]{0,99}$/.test(name);
}
