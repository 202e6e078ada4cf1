import { Rows3 } from 'lucide-react';
import type { ReactNode } from 'react';

import { http, take } from '@/api/client';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { CheckFilter } from '@/pages/groups/Choice';
import { OwnerFilter } from '@/pages/teams/OwnerFilter';
import { Stale } from '@/ui/Await';
import { ButtonLink } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Page } from '@/ui/Page';
import { Table } from '@/ui/Table';

import { DeletedTopics } from './DeletedTopics';
import { topicColumns } from './topicColumns';

// What the lists keep in the URL does not mean the same in the other one.
const STATE = { deleted: false, owner: '', q: '', sort: '', cursor: '', at: 0 };

/** Topics in use; on demand those that are deleted and can be brought back. */
export default function TopicsPage() {
  const t = useT();
  const [{ deleted, owner }, change] = useUrlState(STATE);
  const filters = (
    <>
      <OwnerFilter value={owner} onValue={(team) => change({ owner: team, cursor: '', at: 0 }, { replace: true })} />
      <CheckFilter
        label={t('topics.onlyDeleted')}
        isOn={deleted}
        onChange={(isOn) => change({ ...STATE, owner, deleted: isOn })}
      />
    </>
  );
  return (
    <Page title={t('topics.title')} lead={t(deleted ? 'topics.deletedLead' : 'topics.lead')} actions={<Create />}>
      {deleted ? <DeletedTopics owner={owner} filters={filters} /> : <TopicList owner={owner} filters={filters} />}
    </Page>
  );
}

function Create() {
  const t = useT();
  return (
    <ButtonLink kind="primary" to="/new-topic">
      {t('topics.create')}
    </ButtonLink>
  );
}

function TopicList({ owner, filters }: { owner: string; filters: ReactNode }) {
  const t = useT();
  const list = useList({
    key: ['topics'],
    read: (query, signal) =>
      take(http.GET('/topics', { params: { query: { ...query, omit_partitions: true } }, signal })),
    rows: (answer) => answer.topics,
    sort: 'name',
    search: 'name',
    filters: { owner },
  });
  const { read } = list;
  if (read.error && !read.data) return <ErrorBox error={read.error} onRetry={() => void read.refetch()} />;
  return (
    <>
      {read.data && <Stale read={read} />}
      <Table
        id="topics"
        caption={t('topics.title')}
        columns={topicColumns(t)}
        rows={list.rows}
        rowKey={(topic) => topic.name}
        list={list}
        command={commandLine('topic', 'list')}
        filters={filters}
        empty={
          <Empty icon={<Rows3 size={28} />} title={t('topics.emptyTitle')} text={t('topics.emptyText')}>
            <Create />
            <ButtonLink to="/topics?deleted=true">{t('topics.onlyDeleted')}</ButtonLink>
            <Command text={commandLine('topic', 'create', 'orders', '--partitions', 4)} />
          </Empty>
        }
      />
    </>
  );
}
