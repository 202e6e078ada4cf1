import { CircleCheck } from 'lucide-react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useSession } from '@/api/session';
import { type T, useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { useUrlState } from '@/lib/urlState';
import { LagBadge } from '@/pages/groups/LagBadge';
import { useOwnedGroups } from '@/pages/teams/ownership';
import { Await } from '@/ui/Await';
import { Empty } from '@/ui/Empty';
import { CheckField } from '@/ui/Field';
import { Link } from '@/ui/Link';
import { Card } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Num, Quiet, Span } from '@/ui/values';

import { isBehind, ofObjective, ofTeams, type TopicLag, worstFirst } from './behind';

const SHOWN_MAX = 20;
// The server tells the worst first.
const READ_MAX = 200;

function columnsOf(t: T): Column<TopicLag>[] {
  return [
    {
      id: 'group',
      header: t('home.group'),
      cell: (lag) => <Link to={pathTo('/groups/:group', { group: lag.group })}>{lag.group}</Link>,
    },
    {
      id: 'topic',
      header: t('home.topic'),
      cell: (lag) => <Link to={pathTo('/topics/:name', { name: lag.topic })}>{lag.topic}</Link>,
    },
    {
      id: 'status',
      header: t('home.status'),
      cell: ({ status, evidence }) => <LagBadge status={status} evidence={evidence} />,
    },
    { id: 'lag', header: t('home.lag'), align: 'end', cell: (lag) => <Num value={lag.lag_messages} /> },
    { id: 'time', header: t('home.lagTime'), align: 'end', cell: (lag) => <Span ms={lag.lag_ms} /> },
    {
      id: 'objective',
      header: t('home.ofObjective'),
      align: 'end',
      cell: (lag) => {
        const times = ofObjective(lag);
        return times === null ? <Quiet>–</Quiet> : <>{times < 10 ? times.toFixed(1) : Math.round(times)}×</>;
      },
    },
    {
      id: 'drain',
      header: t('home.drain'),
      align: 'end',
      cell: (lag) => (lag.drain_ms === undefined ? t('home.drainNot') : <Span ms={lag.drain_ms} />),
    },
    { id: 'why', header: t('home.why'), isWide: true, cell: (lag) => lag.evidence || lag.cause },
  ];
}

const DEFAULTS = { all: false };
const NONE: ReadonlySet<string> = new Set();

/** Groups that do not keep up: those of one's teams, or all. */
export function BehindCard() {
  const t = useT();
  const [{ all }, change] = useUrlState(DEFAULTS);
  const teams = (useSession().data?.seats ?? []).flatMap(({ team }) => (team ? [team] : []));
  const owned = useOwnedGroups(teams);
  const read = useRead(['lag', 'home'], (signal) =>
    take(http.GET('/lag', { params: { query: { max: READ_MAX } }, signal })),
  );
  const mine = all ? [] : teams;
  // Nothing is said to be well before it is known what is theirs; what cannot be known does not hide the rest.
  const isKnown = mine.length === 0 || owned.data !== undefined || owned.error !== null;
  const choice = (
    <CheckField label={t('home.otherTeams')} isOn={all} onChange={(isOn) => change({ all: isOn }, { replace: true })} />
  );
  return (
    <Card title={t('home.behind')} actions={teams.length > 0 && choice} isFlush>
      <Await read={read}>
        {({ topics }) => (
          <Table
            id="behind"
            isBare
            caption={t('home.behind')}
            columns={columnsOf(t)}
            rows={
              isKnown
                ? worstFirst(ofTeams(topics, mine, owned.data ?? NONE).filter(isBehind)).slice(0, SHOWN_MAX)
                : undefined
            }
            rowKey={(lag) => `${lag.group}/${lag.topic}`}
            empty={
              <Empty
                isSmall
                icon={<CircleCheck size={26} />}
                title={t('home.behindNone')}
                text={t('home.behindNoneText')}
              />
            }
          />
        )}
      </Await>
    </Card>
  );
}
