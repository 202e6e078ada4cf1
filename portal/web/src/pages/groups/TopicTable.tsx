import { type T, useT } from '@/i18n/translate';
import { Link } from '@/ui/Link';
import { type Column, Table } from '@/ui/Table';
import { Num, Span } from '@/ui/values';

import { LagBadge } from './LagBadge';
import { overObjective, timesText, type TopicLag } from './lagRow';

const columnsOf = (t: T, shown: string, hrefOf: (topic: string) => string): Column<TopicLag>[] => [
  {
    id: 'topic',
    header: t('groups.topic'),
    cell: ({ topic }) => (
      <Link to={hrefOf(topic)} replace aria-current={topic === shown || undefined}>
        {topic === shown ? <strong>{topic}</strong> : topic}
      </Link>
    ),
  },
  { id: 'status', header: t('groups.status'), cell: ({ status }) => <LagBadge status={status} /> },
  { id: 'lag', header: t('groups.lagTime'), align: 'end', cell: ({ lag_ms }) => <Span ms={lag_ms} /> },
  { id: 'over', header: t('groups.ofObjective'), align: 'end', cell: (lag) => timesText(overObjective(lag)) },
  { id: 'messages', header: t('groups.lagMessages'), align: 'end', cell: (lag) => <Num value={lag.lag_messages} /> },
  {
    id: 'drain',
    header: t('groups.drain'),
    align: 'end',
    cell: ({ drain_ms }) => (drain_ms === undefined ? '–' : <Span ms={drain_ms} />),
  },
];

/** A group's topics, to choose what is shown below. */
export function TopicTable({
  topics,
  shown,
  hrefOf,
}: {
  topics: TopicLag[];
  shown: string;
  hrefOf: (topic: string) => string;
}) {
  const t = useT();
  return (
    <Table
      id="group-topics"
      caption={t('groups.topicsOf')}
      columns={columnsOf(t, shown, hrefOf)}
      rows={topics}
      rowKey={({ topic }) => topic}
    />
  );
}
