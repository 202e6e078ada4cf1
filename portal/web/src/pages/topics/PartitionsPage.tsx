import type { PageProps } from '@/app/routes';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { Stale } from '@/ui/Await';
import { Command } from '@/ui/CopyButton';
import { Link } from '@/ui/Link';
import { type Column, Table } from '@/ui/Table';
import { Num, Time } from '@/ui/values';

import { type PartitionRow, rowsOf } from './partitionRows';
import css from './Topic.module.css';
import { useEnds, useNodes } from './topicData';
import { TopicFrame } from './TopicFrame';
import type { Topic } from './topicRow';

/** With more, the first message of each is not looked up. */
const OLDEST_MAX = 200;

export default function PartitionsPage({ params }: PageProps) {
  const name = params.name ?? '';
  return (
    <TopicFrame key={name} name={name}>
      {(topic) => <Partitions topic={topic} />}
    </TopicFrame>
  );
}

function Partitions({ topic }: { topic: Topic }) {
  const t = useT();
  const ends = useEnds(topic, { withOldest: topic.partitions.length <= OLDEST_MAX });
  const nodes = useNodes();
  const rows = rowsOf(topic, ends.data, nodes);
  return (
    <div className={css.stack}>
      {ends.error && <Stale read={ends} />}
      <Table
        id="partitions"
        caption={t('topics.partitionsOf', { name: topic.name })}
        columns={columnsOf(t, topic)}
        rows={rows}
        rowKey={(row) => String(row.partition)}
      />
      <p className={css.soft}>{t('topics.partitionsNote')}</p>
      <Command text={commandLine('topic', 'describe', topic.name)} />
    </div>
  );
}

function columnsOf(t: T, topic: Topic): Column<PartitionRow>[] {
  return [
    {
      id: 'partition',
      header: t('topics.partition'),
      align: 'end',
      cell: (row) => (
        <Link to={`${pathTo('/topics/:name/messages', { name: topic.name })}?partition=${row.partition}`}>
          {row.partition}
        </Link>
      ),
    },
    { id: 'node', header: t('topics.node'), cell: (row) => row.node ?? t('topics.nodeNumber', { id: row.nodeId }) },
    { id: 'schema', header: t('topics.schema'), cell: (row) => <code>{row.schema}</code> },
    { id: 'table', header: t('topics.table'), cell: (row) => <code>{row.table}</code> },
    { id: 'broker', header: t('topics.broker'), align: 'end', cell: (row) => row.broker ?? '–' },
    { id: 'start', header: t('topics.logStart'), align: 'end', cell: (row) => <Num value={row.start} isExact /> },
    { id: 'end', header: t('topics.logEnd'), align: 'end', cell: (row) => <Num value={row.end} isExact /> },
    { id: 'messages', header: t('topics.kept'), align: 'end', cell: (row) => <Num value={row.messages} /> },
    {
      id: 'oldest',
      header: t('topics.oldest'),
      align: 'end',
      cell: (row) => (row.error ? <span title={row.error}>{t('common.unknown')}</span> : <Oldest row={row} />),
    },
  ];
}

const Oldest = ({ row }: { row: PartitionRow }) => (row.oldestUs === undefined ? <>–</> : <Time us={row.oldestUs} />);
