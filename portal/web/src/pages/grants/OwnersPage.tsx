import { Tag } from 'lucide-react';
import { useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { FilterSelect, FilterText } from '@/pages/shared/filters';
import { useNeeds } from '@/pages/shared/who';
import { Stale } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';

import { AccessTabs } from './AccessTabs';
import { ObjectLink } from './grantColumns';
import { OwnerDialog } from './OwnerDialog';

type Owner = Schemas['Owner'];

const URL_STATE = { team: '', kind: '', cursor: '', at: 0 };

/** Whose a topic or a group is: the team's services use it, its members manage it. */
export default function OwnersPage() {
  const t = useT();
  const needs = useNeeds();
  const [{ team, kind }, change] = useUrlState(URL_STATE);
  const [open, setOpen] = useState<{ owner?: Owner } | null>(null);
  const wish = { ...(team && { team }), ...(kind && { kind }) };
  const list = useList({
    key: ['owners', wish],
    read: (query, signal) => take(http.GET('/owners', { params: { query: { ...query, ...wish } }, signal })),
    rows: (answer) => answer.owners,
    sort: 'name',
    search: 'name',
  });
  const { read } = list;
  const columns: Column<Owner>[] = [
    {
      id: 'name',
      header: t('grants.object'),
      sort: 'name',
      cell: (one) => <ObjectLink kind={one.kind} name={one.name} />,
      text: (one) => one.name,
    },
    {
      id: 'kind',
      header: t('grants.kind'),
      sort: 'kind',
      cell: (one) => t(one.kind === 'group' ? 'grants.group' : 'grants.topic'),
      text: (one) => one.kind,
    },
    {
      id: 'team',
      header: t('tokens.team'),
      sort: 'team',
      isWide: true,
      cell: (one) => <Link to={pathTo('/teams/:name', { name: one.team })}>{one.team}</Link>,
      text: (one) => one.team,
    },
    {
      id: 'do',
      header: t('people.do'),
      align: 'end',
      cell: (owner) => (
        <Button isSmall {...needs('admin')} onClick={() => setOpen({ owner })}>
          {t('grants.change')}
        </Button>
      ),
    },
  ];
  const set = (values: { team?: string; kind?: string }) => change({ ...values, cursor: '', at: 0 }, { replace: true });
  const create = (
    <Button kind="primary" {...needs('admin')} onClick={() => setOpen({})}>
      {t('grants.setOwner')}
    </Button>
  );
  return (
    <Page title={t('grants.owners')} lead={t('grants.ownersLead')} actions={create}>
      <AccessTabs />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="owners"
          caption={t('grants.owners')}
          columns={columns}
          rows={list.rows}
          rowKey={(one) => `${one.kind} ${one.name}`}
          list={list}
          command={team ? commandLine('owner', 'list', '--team', team) : commandLine('owner', 'list')}
          filters={
            <>
              <FilterSelect
                label={t('grants.kind')}
                value={kind}
                onValue={(chosen) => set({ kind: chosen })}
                options={[
                  ['', t('grants.everything')],
                  ['topic', t('grants.topics')],
                  ['group', t('grants.groups')],
                ]}
              />
              <FilterText label={t('tokens.team')} value={team} onValue={(chosen) => set({ team: chosen })} />
            </>
          }
          empty={
            <Empty icon={<Tag size={28} />} title={t('grants.noOwners')} text={t('grants.noOwnersWhy')}>
              {create}
            </Empty>
          }
        />
      )}
      {open && <OwnerDialog owner={open.owner} onClose={() => setOpen(null)} />}
    </Page>
  );
}
