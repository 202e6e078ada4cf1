/** Whose topics and groups are; what alerts call an owner is whom they tell, which may be somebody else. */
import { http, take } from '@/api/client';
import { useRead } from '@/api/read';

const REFRESH_MS = 60_000;
const OWNED_MAX = 1_000;

/** The team; null: nobody's. */
export const useOwner = (kind: 'topic' | 'group', name: string) =>
  useRead(
    ['owners', kind, name],
    async (signal) => {
      const { owners } = await take(http.GET('/owners', { params: { query: { kind, name } }, signal }));
      return owners.find((one) => one.name === name)?.team ?? null;
    },
    { refresh: REFRESH_MS },
  );

/** Names of the groups of some teams, the first thousand of each. */
export const useOwnedGroups = (teams: readonly string[]) =>
  useRead(
    ['owners', 'groups-of', teams],
    async (signal) => {
      const read = (team: string) =>
        take(http.GET('/owners', { params: { query: { kind: 'group', team, limit: OWNED_MAX } }, signal }));
      const answers = await Promise.all(teams.map(read));
      return new Set(answers.flatMap(({ owners }) => owners.map(({ name }) => name)));
    },
    { enabled: teams.length > 0, refresh: REFRESH_MS },
  );
