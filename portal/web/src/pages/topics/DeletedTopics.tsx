import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useList } from '@/lib/useList';
import { Stale } from '@/ui/Await';
import { Button, ButtonLink } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { type Column, Table } from '@/ui/Table';
import { Time } from '@/ui/values';

import { PurgeTopic } from './PurgeTopic';
import { ownerColumn, partitionsColumn } from './topicColumns';
import type { Topic } from './topicRow';
import { useUndelete } from './useUndelete';

/** Those alone that can be brought back: others have no such time. */
const CAN_COME_BACK = 'deletion.purge_at_us:>0';

const columnsOf = (t: T): Column<Topic>[] => [
  {
    id: 'name',
    header: t('topics.name'),
    sort: 'name',
    cell: ({ name }) => <Link to={pathTo('/topics/:name', { name })}>{name}</Link>,
    text: ({ name }) => name,
  },
  ownerColumn(t),
  partitionsColumn(t),
  {
    id: 'deleted',
    header: t('topics.deletedAt'),
    sort: 'deletion.deleted_at_us',
    align: 'end',
    cell: ({ deletion }) => <Time us={deletion?.deleted_at_us} />,
    text: ({ deletion }) => deletion?.deleted_at_us ?? '',
  },
  {
    id: 'by',
    header: t('topics.deletedBy'),
    sort: 'deletion.deleted_by',
    cell: ({ deletion }) => deletion?.deleted_by,
    text: ({ deletion }) => deletion?.deleted_by ?? '',
  },
  {
    id: 'until',
    header: t('topics.comesBackUntil'),
    sort: 'deletion.purge_at_us',
    align: 'end',
    cell: ({ deletion }) => <Time us={deletion?.purge_at_us} />,
    text: ({ deletion }) => deletion?.purge_at_us ?? '',
  },
];

/** Deleted topics that can be brought back, the newest first. */
export function DeletedTopics({ owner, filters }: { owner: string; filters: ReactNode }) {
  const t = useT();
  const undelete = useUndelete();
  const [purged, setPurged] = useState<Topic | null>(null);
  const list = useList({
    key: ['topics', 'deleted'],
    read: (query, signal) => {
      const filter = [...(query.filter ?? []), CAN_COME_BACK];
      const wish = { ...query, filter, include_deleted: true, omit_partitions: true };
      return take(http.GET('/topics', { params: { query: wish }, signal }));
    },
    rows: (answer) => answer.topics,
    sort: '-deletion.deleted_at_us',
    search: 'name',
    filters: { owner },
  });
  const deeds: Column<Topic> = {
    id: 'do',
    header: t('topics.deeds'),
    align: 'end',
    cell: (topic) => (
      <>
        <Button
          isSmall
          isBusy={undelete.isPending && undelete.variables === topic.name}
          onClick={() => undelete.mutate(topic.name)}
        >
          {t('topics.bringBack')}
        </Button>{' '}
        <Button isSmall kind="danger" onClick={() => setPurged(topic)}>
          {t('topics.purge')}
        </Button>
      </>
    ),
  };
  const { read } = list;
  if (read.error && !read.data) return <ErrorBox error={read.error} onRetry={() => void read.refetch()} />;
  return (
    <>
      {read.data && <Stale read={read} />}
      <Table
        id="deleted-topics"
        caption={t('topics.onlyDeleted')}
        columns={[...columnsOf(t), deeds]}
        rows={list.rows}
        rowKey={(topic) => topic.name}
        list={list}
        command={commandLine('topic', 'list', '--deleted')}
        filters={filters}
        empty={
          <Empty icon={<Trash2 size={28} />} title={t('topics.deletedNone')} text={t('topics.deletedNoneText')}>
            <ButtonLink to="/topics">{t('topics.toInUse')}</ButtonLink>
          </Empty>
        }
      />
      {purged && <PurgeTopic topic={purged} onDone={() => setPurged(null)} onClose={() => setPurged(null)} />}
    </>
  );
}
