import { History } from 'lucide-react';

import { http, type Schemas, take } from '@/api/client';
import type { PageProps } from '@/app/routes';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useList } from '@/lib/useList';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { type Column, Table } from '@/ui/Table';
import { Time } from '@/ui/values';

import { differencesOf } from './auditDiff';
import { Notice } from './Notice';
import css from './Topic.module.css';
import { TopicFrame } from './TopicFrame';

type Event = Schemas['AuditEvent'];

export default function HistoryPage({ params }: PageProps) {
  const name = params.name ?? '';
  return (
    <TopicFrame key={name} name={name} isOfDeleted>
      {() => <Events topic={name} />}
    </TopicFrame>
  );
}

/** Who did what to this topic, newest first, with what it was before. */
function Events({ topic }: { topic: string }) {
  const t = useT();
  const list = useList({
    key: ['topics', topic, 'history'],
    read: ({ limit, cursor }, signal) =>
      take(http.GET('/topics/{name}/history', { params: { path: { name: topic }, query: { limit, cursor } }, signal })),
    rows: (answer) => answer.events,
    sort: '',
  });
  const { read } = list;
  if (read.error && !read.data) return <ErrorBox error={read.error} onRetry={() => void read.refetch()} />;
  const unreachable = read.data?.unreachable ?? [];
  return (
    <div className={css.stack}>
      {read.data && <Stale read={read} />}
      {unreachable.length > 0 && (
        <Notice tone="warn">{t('topics.historyMissing', { nodes: unreachable.join(', ') })}</Notice>
      )}
      <Table
        id="topic-history"
        caption={t('topics.historyOf', { name: topic })}
        columns={columnsOf(t)}
        rows={list.rows}
        rowKey={(event) => `${event.source_node ?? ''}/${event.id}`}
        list={list}
        command={commandLine('topic', 'history', topic)}
        empty={<Empty icon={<History size={28} />} title={t('topics.historyNone')} />}
      />
    </div>
  );
}

function columnsOf(t: T): Column<Event>[] {
  return [
    { id: 'at', header: t('topics.when'), cell: (event) => <Time us={event.at_us} />, text: (event) => event.at_us },
    {
      id: 'actor',
      header: t('topics.who'),
      cell: (event) => event.on_behalf_of ?? event.actor,
      text: (event) => event.on_behalf_of ?? event.actor,
    },
    {
      id: 'action',
      header: t('topics.action'),
      cell: (event) => <code>{event.action}</code>,
      text: (event) => event.action,
    },
    {
      id: 'result',
      header: t('topics.result'),
      cell: (event) => <Badge tone={event.result === 'ok' ? 'good' : 'bad'}>{event.result}</Badge>,
      text: (event) => event.result,
    },
    { id: 'changes', header: t('topics.changes'), cell: (event) => <Changes event={event} /> },
    { id: 'reason', header: t('common.reason'), cell: (event) => event.reason, text: (event) => event.reason ?? '' },
    {
      id: 'request',
      header: t('topics.requestId'),
      isHidden: true,
      cell: (event) => <code>{event.request_id}</code>,
      text: (event) => event.request_id,
    },
  ];
}

function Changes({ event }: { event: Event }) {
  return (
    <>
      {differencesOf(event).map((one) => (
        <span key={one.field} className={css.change}>
          {one.field && <code>{one.field}</code>} {one.before !== null && <span className={css.old}>{one.before}</span>}{' '}
          {one.after}
        </span>
      ))}
    </>
  );
}
