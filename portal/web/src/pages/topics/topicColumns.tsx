import type { T } from '@/i18n/translate';
import { timestamp, toMs } from '@/lib/format';
import { pathTo } from '@/lib/location';
import { summaryOf } from '@/lib/markdown';
import { TeamLink } from '@/pages/teams/TeamLink';
import { Badge } from '@/ui/Badge';
import { Link } from '@/ui/Link';
import { Star } from '@/ui/Star';
import type { Column } from '@/ui/Table';
import { Num, Quiet, Rate, Span, Time } from '@/ui/values';

import { nodesOf, partitionsIn, retentionOf, stateOf, type Topic } from './topicRow';

export const ownerColumn = (t: T): Column<Topic> => ({
  id: 'owner',
  header: t('topics.owner'),
  sort: 'owner',
  cell: ({ owner }) => <TeamLink team={owner} none={t('topics.ownerNone')} />,
  text: ({ owner }) => owner ?? '',
});

export const partitionsColumn = (t: T): Column<Topic> => ({
  id: 'partitions',
  header: t('topics.partitions'),
  align: 'end',
  cell: (topic) => <Num value={partitionsIn(topic)} />,
  text: (topic) => String(partitionsIn(topic)),
});

const nameColumns = (t: T): Column<Topic>[] => [
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
];

/** Of samples: what is not known is a dash, not 0. */
const figureColumns = (t: T): Column<Topic>[] => [
  {
    id: 'in',
    header: t('topics.inRate'),
    sort: 'figures.in_rate',
    align: 'end',
    cell: ({ figures }) => <Rate value={figures?.in_rate} />,
    text: ({ figures }) => String(figures?.in_rate ?? ''),
  },
  {
    id: 'stored',
    header: t('topics.storedMessages'),
    sort: 'figures.stored_messages',
    align: 'end',
    cell: ({ figures }) => <Num value={figures?.stored_messages} />,
    text: ({ figures }) => figures?.stored_messages ?? '',
  },
  {
    id: 'groups',
    header: t('topics.groups'),
    sort: 'figures.groups',
    align: 'end',
    cell: ({ figures }) => <Num value={figures?.groups} />,
    text: ({ figures }) => String(figures?.groups ?? ''),
  },
  {
    id: 'dead',
    header: t('topics.deadLetters'),
    sort: 'figures.dead_letters',
    align: 'end',
    cell: ({ name, figures }) => <Letters topic={name} letters={figures?.dead_letters} />,
    text: ({ figures }) => figures?.dead_letters ?? '',
  },
];

const otherColumns = (t: T): Column<Topic>[] => [
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
    isHidden: true,
    cell: (topic) => <Retention ms={retentionOf(topic)} t={t} />,
    text: (topic) => retentionOf(topic) ?? '',
  },
  {
    id: 'description',
    header: t('topics.description'),
    isWide: true,
    cell: (topic) => summaryOf(topic.description),
    text: (topic) => topic.description ?? '',
  },
  {
    id: 'created',
    header: t('topics.created'),
    sort: 'created_at_us',
    align: 'end',
    isHidden: true,
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

export const topicColumns = (t: T): Column<Topic>[] => [
  ...nameColumns(t),
  ownerColumn(t),
  ...figureColumns(t),
  partitionsColumn(t),
  ...otherColumns(t),
];

function Letters({ topic, letters }: { topic: string; letters: string | undefined }) {
  if (letters === undefined || letters === '0') return <Num value={letters} />;
  return (
    <Link to={`/dead-letters?topic=${encodeURIComponent(topic)}`}>
      <Num value={letters} />
    </Link>
  );
}

function Retention({ ms, t }: { ms: string | null; t: T }) {
  if (ms === null) return <Quiet>{t('topics.retentionDefault')}</Quiet>;
  return ms === '-1' ? <>{t('topics.retentionForEver')}</> : <Span ms={ms} />;
}
