import { KeyRound } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { nameOf } from '@/api/session';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useNow } from '@/lib/now';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { AccessTabs } from '@/pages/grants/AccessTabs';
import { FilterSelect, FilterText } from '@/pages/shared/filters';
import { useWho } from '@/pages/shared/who';
import { Stale } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Page } from '@/ui/Page';
import { Table } from '@/ui/Table';

import { IssueDialog } from './IssueDialog';
import { RevokeDialog } from './RevokeDialog';
import type { Token } from './token';
import { type Open, tokenColumns } from './tokenColumns';

const URL_STATE = { service: '', of: '', cursor: '', at: 0 };
/** The gateway's filters for whose tokens are shown. */
const KINDS: Record<string, string> = { '': 'person:', people: 'is_session:false', sessions: 'is_session:true' };

/** Admins see everybody's; others their own. */
export default function TokensPage() {
  const t = useT();
  const now = useNow();
  const who = useWho();
  const [{ service, of }, change] = useUrlState(URL_STATE);
  const [open, setOpen] = useState<Open | { what: 'issue' } | null>(null);
  const isOwn = !who.mayAdminister;
  const own = isOwn ? { person: nameOf(who.principal) } : service ? { service_name: service } : {};
  const kind = isOwn || service ? '' : of;
  const list = useList({
    key: ['tokens', own, kind],
    read: ({ limit, cursor, sort }, signal) => {
      const filter = isOwn || service ? {} : { filter: [KINDS[kind] ?? ''] };
      return take(http.GET('/tokens', { params: { query: { limit, cursor, sort, ...own, ...filter } }, signal }));
    },
    rows: (answer) => answer.tokens,
    sort: '-created_at_us',
    filters: { service, of: kind },
    enabled: who.principal !== '',
  });
  const { read } = list;
  const issue = (
    <Button kind="primary" onClick={() => setOpen({ what: 'issue' })}>
      {t('tokens.issue')}
    </Button>
  );
  return (
    <Page title={t('tokens.title')} lead={t(isOwn ? 'tokens.leadOwn' : 'tokens.lead')} actions={issue}>
      <AccessTabs />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table<Token>
          id="tokens"
          caption={t('tokens.title')}
          columns={tokenColumns(t, now, setOpen)}
          rows={list.rows}
          rowKey={(token) => token.id}
          list={list}
          command={service ? commandLine('token', 'list', service) : commandLine('token', 'list')}
          filters={
            !isOwn && (
              <>
                <FilterText
                  label={t('tokens.service')}
                  value={service}
                  onValue={(chosen) => change({ service: chosen, cursor: '', at: 0 }, { replace: true })}
                />
                {!service && (
                  <FilterSelect
                    label={t('tokens.whose')}
                    value={of in KINDS ? of : ''}
                    onValue={(chosen) => change({ of: chosen, cursor: '', at: 0 })}
                    options={[
                      ['', t('tokens.ofServices')],
                      ['people', t('tokens.ofPeople')],
                      ['sessions', t('tokens.sessions')],
                    ]}
                  />
                )}
              </>
            )
          }
          empty={
            <Empty icon={<KeyRound size={28} />} title={t('tokens.emptyTitle')} text={t('tokens.emptyText')}>
              {issue}
            </Empty>
          }
        />
      )}
      {open?.what === 'issue' && <IssueDialog service={service} onClose={() => setOpen(null)} />}
      {open?.what === 'rotate' && (
        <IssueDialog
          replaces={open.token}
          onRevoke={() => setOpen({ what: 'revoke', token: open.token })}
          onClose={() => setOpen(null)}
        />
      )}
      {open?.what === 'revoke' && <RevokeDialog token={open.token} onClose={() => setOpen(null)} />}
    </Page>
  );
}
