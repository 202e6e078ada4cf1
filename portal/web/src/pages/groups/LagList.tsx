import { Users } from 'lucide-react';

import { http, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useUrlState } from '@/lib/urlState';
import { useList } from '@/lib/useList';
import { TeamLink } from '@/pages/teams/TeamLink';
import { Stale } from '@/ui/Await';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Star } from '@/ui/Star';
import { type Column, Table } from '@/ui/Table';
import { Num, Rate, Span } from '@/ui/values';

import { CheckFilter, TextFilter } from './Choice';
import { LagBadge } from './LagBadge';
import { overObjective, timesText, type TopicLag } from './lagRow';
import { Sampled } from './Sampled';

/** As many as the server tells at once: search and order are over all of them. */
const MOST = 10_000;
const FILTERS = { trouble: false, owner: '', cursor: '', at: 0 };

const nameColumn = (t: T): Column<TopicLag> => ({
  id: 'group',
  header: t('groups.group'),
  sort: 'group',
  cell: (lag) => (
    <>
      <Star of={`group:${lag.group}`} name={lag.group} />
      <Link to={pathTo('/groups/:group', { group: lag.group })}>{lag.group}</Link>
    </>
  ),
  text: (lag) => lag.group,
});

const lagColumns = (t: T): Column<TopicLag>[] => [
  {
    id: 'lag',
    header: t('groups.lagTime'),
    sort: 'lag_ms',
    align: 'end',
    cell: (lag) => <Span ms={lag.lag_ms} />,
    text: (lag) => lag.lag_ms,
  },
  {
    id: 'over',
    header: t('groups.ofObjective'),
    sort: 'objective_ms',
    align: 'end',
    cell: (lag) => (
      <>
        {timesText(overObjective(lag))} {t('groups.of')} <Span ms={lag.objective_ms} />
      </>
    ),
    text: (lag) => lag.objective_ms,
  },
  {
    id: 'messages',
    header: t('groups.lagMessages'),
    sort: 'lag_messages',
    align: 'end',
    cell: (lag) => <Num value={lag.lag_messages} />,
    text: (lag) => lag.lag_messages,
  },
  {
    id: 'drain',
    header: t('groups.drain'),
    align: 'end',
    cell: (lag) => (lag.drain_ms === undefined ? '–' : <Span ms={lag.drain_ms} />),
    text: (lag) => lag.drain_ms ?? '',
  },
];

const otherColumns = (t: T): Column<TopicLag>[] => [
  {
    id: 'in',
    header: t('groups.inRate'),
    sort: 'in_rate',
    isHidden: true,
    align: 'end',
    cell: (lag) => <Rate value={lag.in_rate} />,
  },
  {
    id: 'out',
    header: t('groups.outRate'),
    sort: 'out_rate',
    isHidden: true,
    align: 'end',
    cell: (lag) => <Rate value={lag.out_rate} />,
  },
  {
    id: 'members',
    header: t('groups.members'),
    sort: 'members',
    align: 'end',
    cell: (lag) => <Num value={lag.members} />,
    text: (lag) => String(lag.members),
  },
  {
    id: 'owner',
    header: t('groups.owner'),
    cell: (lag) => <TeamLink team={lag.owner} />,
    text: (lag) => lag.owner ?? '',
  },
];

function columnsOf(t: T): Column<TopicLag>[] {
  return [
    nameColumn(t),
    {
      id: 'topic',
      header: t('groups.topic'),
      sort: 'topic',
      cell: (lag) => <Link to={pathTo('/topics/:name', { name: lag.topic })}>{lag.topic}</Link>,
      text: (lag) => lag.topic,
    },
    {
      id: 'status',
      header: t('groups.status'),
      cell: (lag) => <LagBadge status={lag.status} />,
      text: (lag) => lag.status,
    },
    ...lagColumns(t),
    ...otherColumns(t),
  ];
}

/** Groups and their topics, the worst first, as the metaserver on call judges them. */
export function LagList() {
  const t = useT();
  const [filters, change] = useUrlState(FILTERS);
  const { trouble, owner } = filters;
  const filter = (values: Partial<typeof FILTERS>) => change({ ...values, cursor: '', at: 0 }, { replace: true });
  const list = useList({
    key: ['lag', trouble],
    read: (query, signal) => {
      const all = { ...query, max: MOST, ...(trouble && { only_troubled: true }) };
      return take(http.GET('/lag', { params: { query: all }, signal }));
    },
    rows: (answer) => answer.topics,
    // The server's own order: status, then time, then messages.
    sort: '',
    search: 'group',
    filters: { owner },
  });
  const { read } = list;
  if (read.error && !read.data) return <ErrorBox error={read.error} onRetry={() => void read.refetch()} />;
  return (
    <>
      {read.data && <Stale read={read} />}
      {read.data && <Sampled lag={read.data} />}
      <Table
        id="lag"
        caption={t('groups.title')}
        columns={columnsOf(t)}
        rows={list.rows}
        rowKey={(lag) => `${lag.group} ${lag.topic}`}
        list={list}
        command={commandLine('group', 'lag')}
        filters={
          <>
            <CheckFilter label={t('groups.onlyTrouble')} isOn={trouble} onChange={(on) => filter({ trouble: on })} />
            <TextFilter label={t('groups.owner')} value={owner} onValue={(text) => filter({ owner: text })} />
          </>
        }
        empty={trouble ? <Well /> : <Nothing />}
      />
    </>
  );
}

function Well() {
  const t = useT();
  return <Empty title={t('groups.allWellTitle')} text={t('groups.allWellText')} />;
}

function Nothing() {
  const t = useT();
  return (
    <Empty icon={<Users size={28} />} title={t('groups.emptyTitle')} text={t('groups.emptyText')}>
      <Command text={commandLine('consume', 'orders', '-g', 'billing')} />
    </Empty>
  );
}
