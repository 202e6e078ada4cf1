import { Inbox } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useUrlState } from '@/lib/urlState';
import { useList } from '@/lib/useList';
import { useHere } from '@/pages/groups/here';
import { Stale } from '@/ui/Await';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Page } from '@/ui/Page';
import { Table } from '@/ui/Table';

import { OutboxDialog } from './OutboxDialog';
import { outboxColumns } from './outboxColumns';

const STATE = { outbox: '' };

export default function OutboxesPage() {
  const t = useT();
  const [{ outbox }, change] = useUrlState(STATE);
  const here = useHere(STATE);
  const [forgotten, setForgotten] = useState<string | null>(null);
  const list = useList({
    key: ['outboxes'],
    read: (query, signal) => take(http.GET('/outboxes', { params: { query }, signal })),
    rows: (answer) => answer.outboxes,
    sort: '-report.oldest_age_ms',
    search: 'report.outbox',
  });
  const { read } = list;
  const shown = list.rows?.find(({ report }) => report.outbox === outbox);
  const close = () => change({ outbox: '' }, { replace: true });
  return (
    <Page title={t('outboxes.title')} lead={t('outboxes.lead')}>
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="outboxes"
          caption={t('outboxes.title')}
          columns={outboxColumns(t, (name) => here({ outbox: name }))}
          rows={list.rows}
          rowKey={({ report }) => report.outbox}
          list={list}
          command={commandLine('outbox', 'status')}
          empty={
            <Empty icon={<Inbox size={28} />} title={t('outboxes.emptyTitle')} text={t('outboxes.emptyText')}>
              <Command text={`${commandLine('outbox', 'install')} -d HOST:3306/SCHEMA -u USER`} />
            </Empty>
          }
        />
      )}
      {shown && (
        <OutboxDialog
          outbox={shown}
          onForget={() => {
            setForgotten(shown.report.outbox);
            close();
          }}
          onClose={close}
        />
      )}
      {forgotten && <ForgetDialog outbox={forgotten} onClose={() => setForgotten(null)} />}
    </Page>
  );
}

function ForgetDialog({ outbox, onClose }: { outbox: string; onClose: () => void }) {
  const t = useT();
  const forget = useAct({
    act: (reason: string) =>
      take(http.DELETE('/outboxes/{outbox}', { params: { path: { outbox }, query: reason ? { reason } : {} } })),
    touches: [['outboxes']],
    done: () => t('outboxes.forgotten', { outbox }),
    onDone: onClose,
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('outboxes.forget')}
      name={outbox}
      consequences={<p>{t('outboxes.forgetWhat')}</p>}
      action={t('outboxes.forget')}
      asksReason
      isBusy={forget.isPending}
      error={forget.error}
      onConfirm={(reason) => forget.mutate(reason)}
      onClose={onClose}
    />
  );
}
