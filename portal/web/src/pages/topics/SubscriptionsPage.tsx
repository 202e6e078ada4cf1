import { Users } from 'lucide-react';

import { http, take } from '@/api/client';
import type { PageProps } from '@/app/routes';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { duration } from '@/lib/format';
import { useList } from '@/lib/useList';
import { Stale } from '@/ui/Await';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Table } from '@/ui/Table';

import { lagColumns } from './lagColumns';
import { Notice } from './Notice';
import css from './Topic.module.css';
import { TopicFrame } from './TopicFrame';

export default function SubscriptionsPage({ params }: PageProps) {
  const name = params.name ?? '';
  return (
    <TopicFrame key={name} name={name}>
      {() => <Subscriptions topic={name} />}
    </TopicFrame>
  );
}

/** Groups that read this topic, those that are furthest behind first. */
function Subscriptions({ topic }: { topic: string }) {
  const t = useT();
  const list = useList({
    key: ['lag', 'of', topic],
    read: (query, signal) => take(http.GET('/lag', { params: { query: { ...query, topic } }, signal })),
    rows: (answer) => answer.topics,
    sort: '-lag_messages',
    search: 'group',
  });
  const { read } = list;
  if (read.error && !read.data) return <ErrorBox error={read.error} onRetry={() => void read.refetch()} />;
  return (
    <div className={css.stack}>
      {read.data && <Stale read={read} />}
      {(read.data?.stale_nodes?.length ?? 0) > 0 && (
        <Notice tone="warn">{t('topics.lagStale', { nodes: (read.data?.stale_nodes ?? []).join(', ') })}</Notice>
      )}
      <Table
        id="subscriptions"
        caption={t('topics.subscriptionsOf', { name: topic })}
        columns={lagColumns(t)}
        rows={list.rows}
        rowKey={(one) => one.group}
        list={list}
        command={commandLine('group', 'lag')}
        empty={
          <Empty icon={<Users size={28} />} title={t('topics.readersNone')} text={t('topics.readersNoneWhy')}>
            <Command text={commandLine('consume', topic, '-g', 'my-group')} />
          </Empty>
        }
      />
      {read.data && <p className={css.soft}>{t('topics.lagAge', { span: duration(read.data.age_ms) })}</p>}
    </div>
  );
}
