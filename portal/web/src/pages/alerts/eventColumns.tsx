import type { Schemas } from '@/api/client';
import type { T } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { Link } from '@/ui/Link';
import type { Column } from '@/ui/Table';
import { Time } from '@/ui/values';

export type AlertEvent = Schemas['AlertEvent'];

/** What has happened to alerts; of one incident its name is left out. */
export const eventColumns = (t: T, hasIncident: boolean): Column<AlertEvent>[] => [
  { id: 'at', header: t('alerts.when'), cell: ({ at_us }) => <Time us={at_us} />, text: ({ at_us }) => at_us },
  { id: 'what', header: t('alerts.what'), cell: ({ what }) => what.replaceAll('_', ' '), text: ({ what }) => what },
  ...(hasIncident
    ? [
        {
          id: 'incident',
          header: t('alerts.incident'),
          cell: ({ incident }: AlertEvent) => (
            <Link to={pathTo('/alerts/incidents/:incident', { incident })}>{incident}</Link>
          ),
          text: ({ incident }: AlertEvent) => incident,
        },
      ]
    : []),
  {
    id: 'detail',
    header: t('alerts.detail'),
    isWide: true,
    cell: ({ detail }) => detail,
    text: ({ detail }) => detail,
  },
];

/** Nothing else tells two events of one moment apart. */
export const eventKey = (event: AlertEvent) => `${event.at_us} ${event.incident} ${event.what} ${event.detail}`;
