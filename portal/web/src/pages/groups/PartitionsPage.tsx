import type { PageProps } from '@/app/routes';
import { type T, useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { Await } from '@/ui/Await';
import { Link } from '@/ui/Link';
import { type Column, Table } from '@/ui/Table';
import { Num, Span, Time } from '@/ui/values';

import { messagePath } from '@/pages/messages/message';

import { nextMessage } from './adviceLinks';
import { ForgetTopic } from './ForgetTopic';
import { GroupFrame } from './GroupFrame';
import { LagBadge } from './LagBadge';
import { hasEnd, type PartitionLag, type TopicLag, worstFirst } from './lagRow';
import { MemberId } from './MemberId';
import { useGroupLag } from './reads';
import { Sampled } from './Sampled';
import { Section } from './Section';

const offsets = (t: T, topic: string): Column<PartitionLag>[] => [
  {
    id: 'committed',
    header: t('groups.committed'),
    align: 'end',
    cell: (row) => <Committed row={row} topic={topic} />,
  },
  { id: 'start', header: t('groups.logStart'), align: 'end', cell: (row) => <Num value={row.log_start} isExact /> },
  { id: 'end', header: t('groups.logEnd'), align: 'end', cell: (row) => <Num value={row.log_end} isExact /> },
];

/** It leads to the message that is read next. */
function Committed({ row, topic }: { row: PartitionLag; topic: string }) {
  const t = useT();
  const { committed, partition } = row;
  const next = nextMessage(row);
  const text = committed.startsWith('-') ? t('common.none') : <Num value={committed} isExact />;
  if (next === null) return text;
  return (
    <Link to={messagePath(topic, { partition, offset: BigInt(next) })} title={t('groups.nextMessage')}>
      {text}
    </Link>
  );
}

const columnsOf = (t: T, topic: string): Column<PartitionLag>[] => [
  { id: 'partition', header: t('groups.partition'), cell: ({ partition }) => partition },
  { id: 'status', header: t('groups.status'), cell: ({ status }) => <LagBadge status={status} /> },
  { id: 'lag', header: t('groups.lagTime'), align: 'end', cell: ({ lag_ms }) => <Span ms={lag_ms} /> },
  { id: 'messages', header: t('groups.lagMessages'), align: 'end', cell: (row) => <Num value={row.lag_messages} /> },
  ...offsets(t, topic),
  { id: 'moved', header: t('groups.moved'), align: 'end', cell: ({ moved_us }) => <Time us={moved_us} /> },
  {
    id: 'member',
    header: t('groups.member'),
    cell: ({ member_id: id }) => (id ? <MemberId id={id} /> : t('groups.nobody')),
  },
  { id: 'node', header: t('groups.node'), cell: ({ node }) => node ?? '–' },
  { id: 'remark', header: t('groups.remark'), isWide: true, cell: (row) => <Remark row={row} /> },
];

/** What is out of the ordinary. */
function Remark({ row }: { row: PartitionLag }) {
  const t = useT();
  const { paused_until_us: paused, claims = 0, attempts = 0 } = row;
  return (
    <>
      {paused !== undefined && (
        <p>
          {t('groups.statusPaused')}
          {row.pause_reason && `: ${row.pause_reason}`}
          {hasEnd(paused) && (
            <>
              {' · '}
              {t('groups.resumesBySelf')} <Time us={paused} />
            </>
          )}
        </p>
      )}
      {claims > 1 && <p>{t('groups.claims', { n: claims })}</p>}
      {attempts > 0 && <p>{t('groups.attempts', { n: attempts, offset: row.committed })}</p>}
      {row.rewound_from !== undefined && <p>{t('groups.rewound', { n: row.rewound_from })}</p>}
      {row.lost_messages !== undefined && row.lost_messages !== '0' && (
        <p>{t('groups.lostMessages', { n: row.lost_messages })}</p>
      )}
    </>
  );
}

export default function PartitionsPage({ params }: PageProps) {
  const t = useT();
  const group = params.group as string;
  const lag = useGroupLag(group);
  return (
    <GroupFrame group={group}>
      <Await read={lag}>
        {(data) => (
          <>
            <Sampled lag={data} />
            {data.topics.length === 0 && <p>{t('groups.nothingReadText')}</p>}
            {data.topics.map((topic) => (
              <TopicPartitions key={topic.topic} lag={topic} />
            ))}
          </>
        )}
      </Await>
    </GroupFrame>
  );
}

function TopicPartitions({ lag }: { lag: TopicLag }) {
  const t = useT();
  return (
    <Section
      title={lag.topic}
      lead={t('groups.partitionsTrouble', { n: lag.partition_count ?? 0, bad: lag.troubled_partitions ?? 0 })}
      actions={
        <>
          <Link to={pathTo('/topics/:name', { name: lag.topic })}>{t('groups.toTopic')}</Link>
          <ForgetTopic group={lag.group} topic={lag.topic} />
        </>
      }
    >
      <Table
        id="group-partitions"
        caption={t('groups.partitionsOf', { topic: lag.topic })}
        columns={columnsOf(t, lag.topic)}
        rows={worstFirst(lag.partitions ?? [])}
        rowKey={({ partition }) => String(partition)}
      />
    </Section>
  );
}
