/** What the form of a new topic reads. */
import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { nameOf, useSession } from '@/api/session';

import { parseBytes } from '../topics/settings';
import { useIsOpen } from '../topics/topicData';
import { useSettled } from '../topics/useProposal';

import { faultsOf, type Need, parseCount, retentionOf, rulesOf } from './need';

/** The teams that whoever sits here is in; all of them for those who run the cluster. */
export function useTeams() {
  const session = useSession().data;
  const isOpen = useIsOpen();
  const me = nameOf(session?.principal ?? '');
  const seesAll = session?.role === 'admin' || session?.role === 'operator';
  const read = useRead(
    ['teams', 'of', me, seesAll],
    async (signal) => {
      const { teams } = await take(http.GET('/teams', { params: { query: { limit: 1_000 } }, signal }));
      const isMine = (team: (typeof teams)[number]) => team.members?.some((member) => member.person === me) ?? false;
      const mine = teams.filter(isMine);
      return [...mine, ...(seesAll ? teams.filter((team) => !isMine(team)) : [])].map((team) => team.name);
    },
    { enabled: !isOpen && session != null, refresh: 60_000 },
  );
  return isOpen ? [] : read.data;
}

export function useRules() {
  const isOpen = useIsOpen();
  const read = useRead(
    ['policy', 'rules'],
    async (signal) => rulesOf((await take(http.GET('/policy', { signal }))).policy_json),
    { enabled: !isOpen, refresh: 60_000 },
  );
  return read.data ?? rulesOf(undefined);
}

/** Partitions and cost for so many messages, while one types. */
export function useSize(need: Need) {
  const { perDay, bytes, retention } = faultsOf(need);
  const isWhole = !perDay && !bytes && !retention;
  const wanted = useSettled(
    JSON.stringify(
      isWhole && {
        messages_per_day: parseCount(need.perDay)?.toString() ?? '0',
        message_bytes: parseBytes(need.bytes)?.toString() ?? '0',
        ordering: need.ordering,
        retention_ms: retentionOf(need) ?? undefined,
      },
    ),
  );
  return useRead(
    ['sizes', wanted],
    (signal) => {
      const query = JSON.parse(wanted) as { messages_per_day: string; message_bytes: string };
      return take(http.GET('/sizes', { params: { query }, signal }));
    },
    { enabled: wanted !== 'false', refresh: false },
  );
}
