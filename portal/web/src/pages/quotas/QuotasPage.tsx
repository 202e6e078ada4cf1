import { Gauge } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useList } from '@/lib/useList';
import { useWho } from '@/pages/shared/who';
import { TeamsTabs } from '@/pages/teams/TeamsTabs';
import { Stale } from '@/ui/Await';
import { Button, ButtonLink } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';

import { ModeCard } from './ModeCard';
import { COUNTED, type Field, RATES, type TeamQuotaUse } from './quota';
import { QuotaDialog } from './QuotaDialog';
import { Amount, UseBar } from './QuotaUse';

function columnsOf(t: T, mayOperate: boolean, onChange: (use: TeamQuotaUse) => void): Column<TeamQuotaUse>[] {
  const counted = COUNTED.map(
    (field): Column<TeamQuotaUse> => ({
      id: field,
      header: t(`quotas.${field}`),
      sort: field,
      cell: (use) => <UseBar field={field} used={use[field]} limit={use.quota[field]} />,
      text: (use) => `${use[field]} / ${use.quota[field] ?? ''}`,
    }),
  );
  const rates = RATES.map(
    (field: Field): Column<TeamQuotaUse> => ({
      id: field,
      header: t(`quotas.${field}`),
      align: 'end',
      isHidden: field === 'fetch_bytes_per_s' || field === 'message_bytes_max',
      cell: (use) => {
        const limit = use.quota[field];
        return limit === undefined ? t('quotas.unlimited') : <Amount field={field} value={limit} />;
      },
      text: (use) => use.quota[field] ?? '',
    }),
  );
  return [
    {
      id: 'team',
      header: t('tokens.team'),
      sort: 'quota.team',
      cell: ({ quota }) => <Link to={pathTo('/teams/:name', { name: quota.team })}>{quota.team}</Link>,
      text: ({ quota }) => quota.team,
    },
    ...counted,
    ...rates,
    {
      id: 'do',
      header: t('people.do'),
      align: 'end',
      cell: (use) =>
        mayOperate ? (
          <Button isSmall onClick={() => onChange(use)}>
            {t('grants.change')}
          </Button>
        ) : (
          <ButtonLink isSmall to={`/requests/new?kind=set_quota&name=${encodeURIComponent(use.quota.team)}`}>
            {t('quotas.ask')}
          </ButtonLink>
        ),
    },
  ];
}

/** What each team may have, and what it uses of that. */
export default function QuotasPage() {
  const t = useT();
  const { mayOperate } = useWho();
  const [changed, setChanged] = useState<TeamQuotaUse | null>(null);
  const list = useList({
    key: ['quotas'],
    read: (query, signal) => take(http.GET('/quotas', { params: { query }, signal })),
    rows: (answer) => answer.teams,
    sort: 'quota.team',
    search: 'quota.team',
  });
  const { read } = list;
  return (
    <Page title={t('quotas.title')} lead={t('quotas.lead')}>
      <TeamsTabs />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {read.data && <ModeCard mode={read.data.mode} />}
      {(read.data || !read.error) && (
        <Table
          id="quotas"
          caption={t('quotas.title')}
          columns={columnsOf(t, mayOperate, setChanged)}
          rows={list.rows}
          rowKey={({ quota }) => quota.team}
          list={list}
          command={commandLine('quota', 'show')}
          empty={
            <Empty icon={<Gauge size={28} />} title={t('teams.emptyTitle')} text={t('quotas.emptyText')}>
              <ButtonLink to="/teams">{t('teams.title')}</ButtonLink>
            </Empty>
          }
        />
      )}
      {changed && <QuotaDialog use={changed} onClose={() => setChanged(null)} />}
    </Page>
  );
}
