import type { Schemas } from '@/api/client';
import type { T } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { LagBadge } from '@/pages/groups/LagBadge';
import { Link } from '@/ui/Link';
import type { Column } from '@/ui/Table';
import { Num, Rate, Span } from '@/ui/values';

type TopicLag = Schemas['TopicLag'];

/** Groups of one topic with how far behind they are. */
export function lagColumns(t: T): Column<TopicLag>[] {
  return [
    {
      id: 'group',
      header: t('topics.group'),
      sort: 'group',
      cell: (one) => <Link to={pathTo('/groups/:group', { group: one.group })}>{one.group}</Link>,
      text: (one) => one.group,
    },
    {
      id: 'status',
      header: t('topics.status'),
      sort: 'status',
      cell: ({ status, evidence }) => <LagBadge status={status} evidence={evidence} />,
      text: (one) => one.status,
    },
    {
      id: 'lag',
      header: t('topics.lag'),
      sort: 'lag_messages',
      align: 'end',
      cell: (one) => <Num value={one.lag_messages} />,
      text: (one) => one.lag_messages,
    },
    {
      id: 'lag_ms',
      header: t('topics.lagTime'),
      sort: 'lag_ms',
      align: 'end',
      cell: (one) => <Span ms={one.lag_ms} />,
      text: (one) => one.lag_ms,
    },
    {
      id: 'out',
      header: t('topics.outRate'),
      sort: 'out_rate',
      align: 'end',
      cell: (one) => <Rate value={one.out_rate} />,
      text: (one) => String(one.out_rate),
    },
    {
      id: 'members',
      header: t('topics.members'),
      sort: 'members',
      align: 'end',
      cell: (one) => <Num value={one.members} />,
      text: (one) => String(one.members),
    },
    {
      id: 'evidence',
      header: t('topics.evidence'),
      isWide: true,
      cell: (one) => one.evidence,
      text: (one) => one.evidence ?? '',
    },
  ];
}
