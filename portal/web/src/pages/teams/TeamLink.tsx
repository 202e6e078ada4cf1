import { Fragment } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { Link } from '@/ui/Link';
import { Quiet } from '@/ui/values';

import { contactsOf } from './team';

/** Whose something is; `none` where it is nobody's. */
export const TeamLink = ({ team, none = '–' }: { team: string | null | undefined; none?: string }) =>
  team ? <Link to={pathTo('/teams/:name', { name: team })}>{team}</Link> : <Quiet>{none}</Quiet>;

/** Of a team (or person), for who is on call: its leads, and where its alerts go. */
export function WhomToAsk({ team }: { team: string }) {
  const t = useT();
  const read = useRead(['teams', 'one', team], (signal) =>
    take(http.GET('/teams', { params: { query: { filter: [`name:${team}`] } }, signal })),
  );
  const found = read.data?.teams[0];
  // Alerts may go to a person.
  if (!found && read.data) return <Link to={`/people?q=${encodeURIComponent(team)}`}>{team}</Link>;
  if (!found) return <Quiet>–</Quiet>;
  const { people, route } = contactsOf(found);
  return (
    <>
      {people.map((person, i) => (
        <Fragment key={person}>
          {i > 0 && ', '}
          <Link to={`/people?q=${encodeURIComponent(person)}`}>{person}</Link>
        </Fragment>
      ))}
      {people.length === 0 && <Quiet>{t('teams.nobody')}</Quiet>}
      {route && ` · ${t('teams.oncall')}: ${route}`}
    </>
  );
}
