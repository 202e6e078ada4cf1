import { Users } from 'lucide-react';

import { http, type Schemas, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useUrlState } from '@/lib/urlState';
import { useList } from '@/lib/useList';
import { Stale } from '@/ui/Await';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Star } from '@/ui/Star';
import { type Column, Table } from '@/ui/Table';
import { Num, Time } from '@/ui/values';

import { SelectFilter } from './Choice';
import { STATES, StateBadge } from './StateBadge';

type Group = Schemas['GroupListing'];

const FILTERS = { state: '', cursor: '', at: 0 };

function columnsOf(t: T): Column<Group>[] {
  return [
    {
      id: 'group',
      header: t('groups.group'),
      sort: 'group',
      cell: ({ group }) => (
        <>
          <Star of={`group:${group}`} name={group} />
          <Link to={pathTo('/groups/:group', { group })}>{group}</Link>
        </>
      ),
      text: ({ group }) => group,
    },
    {
      id: 'state',
      header: t('groups.state'),
      sort: 'state',
      cell: ({ state }) => <StateBadge state={state} />,
      text: ({ state }) => state,
    },
    {
      id: 'members',
      header: t('groups.members'),
      sort: 'members',
      align: 'end',
      cell: ({ members }) => <Num value={members} />,
      text: ({ members }) => String(members),
    },
    {
      id: 'empty',
      header: t('groups.emptySince'),
      align: 'end',
      cell: ({ empty_since_us }) => (empty_since_us === undefined ? '–' : <Time us={empty_since_us} />),
      text: ({ empty_since_us }) => empty_since_us ?? '',
    },
    {
      id: 'protocol',
      header: t('groups.assignor'),
      sort: 'protocol',
      cell: ({ protocol }) => protocol || '–',
      text: ({ protocol }) => protocol,
    },
    {
      id: 'generation',
      header: t('groups.generation'),
      sort: 'generation',
      align: 'end',
      cell: ({ generation }) => <Num value={generation} isExact />,
      text: ({ generation }) => generation,
    },
  ];
}

/** Groups that members joined, whether they have read anything yet or not. */
export function MemberList() {
  const t = useT();
  const [{ state }, change] = useUrlState(FILTERS);
  const list = useList({
    key: ['groups'],
    read: (query, signal) => take(http.GET('/groups', { params: { query }, signal })),
    rows: (answer) => answer.groups,
    sort: 'group',
    search: 'group',
    filters: { state },
  });
  const { read } = list;
  if (read.error && !read.data) return <ErrorBox error={read.error} onRetry={() => void read.refetch()} />;
  return (
    <>
      {read.data && <Stale read={read} />}
      <Table
        id="groups"
        caption={t('groups.title')}
        columns={columnsOf(t)}
        rows={list.rows}
        rowKey={({ group }) => group}
        list={list}
        command={commandLine('group', 'list')}
        filters={
          <SelectFilter
            label={t('groups.state')}
            options={[['', t('common.all')], ...STATES.map((one) => [one, one] as const)]}
            value={state}
            onValue={(wanted) => change({ state: wanted, cursor: '', at: 0 }, { replace: true })}
          />
        }
        empty={
          <Empty icon={<Users size={28} />} title={t('groups.emptyTitle')} text={t('groups.emptyText')}>
            <Command text={commandLine('consume', 'orders', '-g', 'billing')} />
          </Empty>
        }
      />
    </>
  );
}
