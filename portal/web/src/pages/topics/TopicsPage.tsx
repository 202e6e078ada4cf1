import { Rows3 } from 'lucide-react';

import { http, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { timestamp, toMs } from '@/lib/format';
import { pathTo } from '@/lib/location';
import { useList } from '@/lib/useList';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { ButtonLink } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { Star } from '@/ui/Star';
import { type Column, Table } from '@/ui/Table';
import { Num, Quiet, Span, Time } from '@/ui/values';

import { nodesOf, retentionOf, stateOf, type Topic } from './topicRow';

function columnsOf(t: T): Column<Topic>[] {
  return [
    {
      id: 'name',
      header: t('topics.name'),
      sort: 'name',
      cell: (topic) => (
        <>
          <Star of={`topic:${topic.name}`} name={topic.name} />
          <Link to={pathTo('/topics/:name', { name: topic.name })}>{topic.name}</Link>
        </>
      ),
      text: (topic) => topic.name,
    },
    {
      id: 'state',
      header: t('topics.state'),
      sort: 'state',
      cell: (topic) => {
        const [tone, text] = stateOf(topic) ?? ['quiet', null];
        return <Badge tone={tone}>{text ? t(text) : topic.state}</Badge>;
      },
      text: (topic) => topic.state,
    },
    {
      id: 'partitions',
      header: t('topics.partitions'),
      align: 'end',
      cell: (topic) => <Num value={topic.partitions.length} />,
      text: (topic) => String(topic.partitions.length),
    },
    {
      id: 'nodes',
      header: t('topics.nodes'),
      align: 'end',
      isHidden: true,
      cell: (topic) => <Num value={nodesOf(topic).length} />,
      text: (topic) => nodesOf(topic).join(' '),
    },
    {
      id: 'retention',
      header: t('topics.retention'),
      align: 'end',
      cell: (topic) => <Retention ms={retentionOf(topic)} t={t} />,
      text: (topic) => retentionOf(topic) ?? '',
    },
    {
      id: 'description',
      header: t('topics.description'),
      isWide: true,
      cell: (topic) => topic.description,
      text: (topic) => topic.description ?? '',
    },
    {
      id: 'created',
      header: t('topics.created'),
      sort: 'created_at_us',
      align: 'end',
      cell: (topic) => <Time us={topic.created_at_us} />,
      text: (topic) => {
        const ms = toMs(topic.created_at_us);
        return ms === null ? '' : timestamp(ms, 'utc');
      },
    },
    {
      id: 'id',
      header: t('topics.id'),
      sort: 'topic_id',
      align: 'end',
      isHidden: true,
      cell: (topic) => <Num value={topic.topic_id} isExact />,
      text: (topic) => String(topic.topic_id),
    },
  ];
}

function Retention({ ms, t }: { ms: string | null; t: T }) {
  if (ms === null) return <Quiet>{t('topics.retentionDefault')}</Quiet>;
  return ms === '-1' ? <>{t('topics.retentionForEver')}</> : <Span ms={ms} />;
}

export default function TopicsPage() {
  const t = useT();
  const list = useList({
    key: ['topics'],
    read: (query, signal) => take(http.GET('/topics', { params: { query }, signal })),
    rows: (answer) => answer.topics,
    sort: 'name',
    search: 'name',
  });
  const { read } = list;
  const create = (
    <ButtonLink kind="primary" to="/new-topic">
      {t('topics.create')}
    </ButtonLink>
  );
  return (
    <Page title={t('topics.title')} lead={t('topics.lead')} actions={create}>
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="topics"
          caption={t('topics.title')}
          columns={columnsOf(t)}
          rows={list.rows}
          rowKey={(topic) => topic.name}
          list={list}
          command={commandLine('topic', 'list')}
          empty={
            <Empty icon={<Rows3 size={28} />} title={t('topics.emptyTitle')} text={t('topics.emptyText')}>
              {create}
              <Command text={commandLine('topic', 'create', 'orders', '--partitions', 4)} />
            </Empty>
          }
        />
      )}
    </Page>
  );
}
