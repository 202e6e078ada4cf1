import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useNow } from '@/lib/now';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { FilterSelect, FilterText } from '@/pages/shared/filters';
import { useWho } from '@/pages/shared/who';
import { Stale } from '@/ui/Await';
import { Button, ButtonLink } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Page } from '@/ui/Page';
import { Table } from '@/ui/Table';

import { AccessTabs } from './AccessTabs';
import type { Grant } from './grant';
import { GrantDialog } from './GrantDialog';
import { grantColumns } from './grantColumns';
import { RevokeGrant } from './RevokeGrant';

const URL_STATE = { principal: '', kind: '', name: '', cursor: '', at: 0 };

export type Open = { what: 'new' } | { what: 'edit' | 'revoke'; grant: Grant };

/** Who may what until when. Owners may without a grant. */
export default function GrantsPage() {
  const t = useT();
  const now = useNow();
  const who = useWho();
  const [{ principal, kind, name }, change] = useUrlState(URL_STATE);
  const [open, setOpen] = useState<Open | null>(null);
  const wish = { ...(principal && { principal }), ...(kind && { kind }), ...(name && { name }) };
  const list = useList({
    key: ['grants', wish],
    read: ({ limit, cursor, sort }, signal) =>
      take(http.GET('/grants', { params: { query: { limit, cursor, sort, ...wish } }, signal })),
    rows: (answer) => answer.grants,
    sort: 'name',
    filters: { principal, kind, name },
  });
  const { read } = list;
  const set = (values: { principal?: string; kind?: string; name?: string }) =>
    change({ ...values, cursor: '', at: 0 }, { replace: true });
  const create = who.mayAdminister ? (
    <Button kind="primary" onClick={() => setOpen({ what: 'new' })}>
      {t('grants.new')}
    </Button>
  ) : (
    <ButtonLink kind="primary" to={`/requests/new?kind=put_grant${name ? `&name=${encodeURIComponent(name)}` : ''}`}>
      {t('grants.ask')}
    </ButtonLink>
  );
  const flags = [
    ...(principal ? ['--principal', principal] : []),
    ...(name ? [kind === 'group' ? '--group' : '--topic', name] : []),
  ];
  return (
    <Page title={t('grants.title')} lead={t('grants.lead')} actions={create}>
      <AccessTabs />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      <Table
        id="grants"
        caption={t('grants.title')}
        columns={grantColumns(t, now, setOpen, who.mayAdminister)}
        rows={list.rows ?? (read.error ? [] : undefined)}
        rowKey={(grant) => grant.id ?? ''}
        list={list}
        command={commandLine('acl', 'list', ...flags)}
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
            <FilterText label={t('grants.nameFilter')} value={name} onValue={(chosen) => set({ name: chosen })} />
            <FilterText
              label={t('grants.principalFilter')}
              value={principal}
              onValue={(chosen) => set({ principal: chosen })}
            />
          </>
        }
        empty={
          read.error ? undefined : (
            <Empty icon={<ShieldCheck size={28} />} title={t('grants.emptyTitle')} text={t('grants.emptyText')}>
              {create}
            </Empty>
          )
        }
      />
      {open?.what === 'new' && <GrantDialog onClose={() => setOpen(null)} />}
      {open?.what === 'edit' && <GrantDialog grant={open.grant} onClose={() => setOpen(null)} />}
      {open?.what === 'revoke' && <RevokeGrant grant={open.grant} onClose={() => setOpen(null)} />}
    </Page>
  );
}
