import { FileDown, ScrollText } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Time } from '@/ui/values';

import { type AuditEvent, flagsOf, keyOf, queryOf, URL_STATE } from './audit';
import css from './audit.module.css';
import { AuditFilters } from './AuditFilters';
import { EventDialog } from './EventDialog';
import { ExportDialog } from './ExportDialog';

function columnsOf(t: T, onOpen: (event: AuditEvent) => void): Column<AuditEvent>[] {
  return [
    { id: 'at', header: t('audit.at'), cell: (one) => <Time us={one.at_us} isAbsolute />, text: (one) => one.at_us },
    { id: 'actor', header: t('audit.actor'), cell: (one) => <Actor event={one} />, text: (one) => one.actor },
    {
      id: 'action',
      header: t('audit.action'),
      cell: (one) => (
        <button type="button" className={css.open} onClick={() => onOpen(one)}>
          {one.action}
        </button>
      ),
      text: (one) => one.action,
    },
    {
      id: 'object',
      header: t('audit.object'),
      isWide: true,
      cell: (one) => (
        <>
          <span className={css.soft}>{one.object_kind}</span> {one.object_name}
        </>
      ),
      text: (one) => `${one.object_kind} ${one.object_name}`,
    },
    {
      id: 'result',
      header: t('audit.result'),
      cell: (one) => <Result result={one.result} />,
      text: (one) => one.result,
    },
    { id: 'reason', header: t('common.reason'), cell: (one) => one.reason, text: (one) => one.reason ?? '' },
    { id: 'source', header: t('audit.address'), isHidden: true, cell: (one) => one.source, text: (one) => one.source },
    {
      id: 'request',
      header: t('audit.request'),
      isHidden: true,
      cell: (one) => <code>{one.request_id}</code>,
      text: (one) => one.request_id,
    },
    {
      id: 'log',
      header: t('audit.log'),
      isHidden: true,
      cell: (one) => one.source_node ?? 'metadata',
      text: (one) => one.source_node ?? 'metadata',
    },
  ];
}

export function Result({ result }: { result: string }) {
  const t = useT();
  if (result === 'ok') return <Badge tone="good">{t('audit.ok')}</Badge>;
  if (result === 'denied') return <Badge tone="bad">{t('audit.denied')}</Badge>;
  return <Badge tone="warn">{result}</Badge>;
}

function Actor({ event }: { event: AuditEvent }) {
  const t = useT();
  return (
    <>
      {event.actor}
      {event.on_behalf_of && <span className={css.soft}> {t('audit.for', { who: event.on_behalf_of })}</span>}
    </>
  );
}

/** Who changed what, when and why, and what was refused: of the metadata database and of every data node. */
export default function AuditPage() {
  const t = useT();
  const [state, change] = useUrlState(URL_STATE);
  const [open, setOpen] = useState<AuditEvent | null>(null);
  const [isExport, setExport] = useState(false);
  const { cursor: _, at: __, ...filters } = state;
  const list = useList({
    key: ['audit'],
    read: ({ limit, cursor }, signal) =>
      take(http.GET('/audit', { params: { query: { ...queryOf(state, Date.now()), limit, cursor } }, signal })),
    rows: (answer) => answer.events,
    sort: '',
    // They name the list; how they are sent is queryOf's.
    filters,
  });
  const { read } = list;
  const missing = read.data?.unreachable ?? [];
  return (
    <Page
      title={t('audit.title')}
      lead={t('audit.lead')}
      actions={
        <Button icon={<FileDown size={15} aria-hidden="true" />} onClick={() => setExport(true)}>
          {t('audit.export')}
        </Button>
      }
    >
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {missing.length > 0 && (
        <p className={css.warning} role="status">
          {t('audit.unreachable', { nodes: missing.join(', ') })}
        </p>
      )}
      <Table
        id="audit"
        caption={t('audit.title')}
        columns={columnsOf(t, setOpen)}
        rows={list.rows ?? (read.error ? [] : undefined)}
        rowKey={keyOf}
        list={list}
        command={commandLine('audit', 'search', ...flagsOf(state))}
        filters={
          <AuditFilters
            state={state}
            onChange={(values) => change({ ...values, cursor: '', at: 0 }, { replace: true })}
          />
        }
        empty={
          list.isFiltered ? undefined : (
            <Empty icon={<ScrollText size={28} />} title={t('audit.emptyTitle')} text={t('audit.emptyText')} />
          )
        }
      />
      {open && <EventDialog event={open} onClose={() => setOpen(null)} />}
      {isExport && <ExportDialog state={state} onClose={() => setExport(false)} />}
    </Page>
  );
}
