import type { T } from '@/i18n/translate';
import { exact } from '@/lib/format';
import { Badge } from '@/ui/Badge';
import { Link } from '@/ui/Link';
import type { Column } from '@/ui/Table';
import { Num, Span, Time } from '@/ui/values';

import { countText, findingsOf, type Outbox } from './outboxRow';

/** A count that may stop short of the truth says so. */
const Count = ({ value }: { value: string }) => <span title={exact(value)}>{countText(value)}</span>;

export const outboxColumns = (t: T, hrefOf: (outbox: string) => string): Column<Outbox>[] => [
  {
    id: 'outbox',
    header: t('outboxes.outbox'),
    sort: 'report.outbox',
    cell: ({ report }) => <Link to={hrefOf(report.outbox)}>{report.outbox}</Link>,
    text: ({ report }) => report.outbox,
  },
  {
    id: 'state',
    header: t('outboxes.state'),
    isWide: true,
    cell: (row) => {
      const findings = findingsOf(row);
      if (findings.length === 0) return <Badge tone="good">{t('outboxes.fine')}</Badge>;
      return findings.map(({ tone, text, values }) => (
        <span key={text}>
          <Badge tone={tone}>{t(text, values)}</Badge>{' '}
        </span>
      ));
    },
    text: (row) =>
      findingsOf(row)
        .map(({ text, values }) => t(text, values))
        .join('; '),
  },
  {
    id: 'oldest',
    header: t('outboxes.oldest'),
    sort: 'report.oldest_age_ms',
    align: 'end',
    cell: ({ report }) => <Span ms={report.oldest_age_ms} />,
    text: ({ report }) => report.oldest_age_ms,
  },
  {
    id: 'ready',
    header: t('outboxes.ready'),
    sort: 'report.ready',
    align: 'end',
    cell: ({ report }) => <Count value={report.ready} />,
    text: ({ report }) => report.ready,
  },
  {
    id: 'held',
    header: t('outboxes.heldRows'),
    sort: 'report.held',
    align: 'end',
    cell: ({ report }) => <Count value={report.held} />,
    text: ({ report }) => report.held,
  },
  {
    id: 'dead',
    header: t('outboxes.deadRows'),
    sort: 'report.dead',
    align: 'end',
    cell: ({ report }) => <Count value={report.dead} />,
    text: ({ report }) => report.dead,
  },
  {
    id: 'relays',
    header: t('outboxes.relays'),
    sort: 'report.relays',
    align: 'end',
    cell: ({ report }) => <Num value={report.relays} />,
    text: ({ report }) => String(report.relays),
  },
  {
    id: 'reported',
    header: t('outboxes.reported'),
    sort: 'reported_us',
    align: 'end',
    cell: ({ reported_us }) => <Time us={reported_us} />,
    text: ({ reported_us }) => reported_us,
  },
];
