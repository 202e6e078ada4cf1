import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { isAnonymous, useSession } from '@/api/session';
import { useT } from '@/i18n/translate';
import { FilterSelect } from '@/pages/shared/filters';

import { ownerChoices } from './owners';

/** Above lists of what teams own: one's own teams first. Nothing in a cluster that asks nobody who he is. */
export function OwnerFilter({ value, onValue }: { value: string; onValue: (team: string) => void }) {
  const t = useT();
  const session = useSession().data;
  const isOpen = !session || isAnonymous(session);
  const teams = useRead(
    ['teams', 'names'],
    (signal) => take(http.GET('/teams', { params: { query: { limit: 1_000, sort: 'name', fields: 'name' } }, signal })),
    { enabled: !isOpen, refresh: false },
  );
  if (isOpen) return null;
  const mine = (session.seats ?? []).flatMap(({ team }) => team ?? []);
  const all = (teams.data?.teams ?? []).map(({ name }) => name);
  return (
    <FilterSelect
      label={t('teams.owner')}
      value={value}
      onValue={onValue}
      options={[
        ['', t('teams.everyOwner')] as const,
        ...ownerChoices(mine, all, value).map(
          ({ team, isMine }) => [team, isMine ? t('teams.myTeam', { name: team }) : team] as const,
        ),
      ]}
    />
  );
}
