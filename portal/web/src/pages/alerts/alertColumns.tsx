import { BellOff } from 'lucide-react';

import type { T } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { TeamLink } from '@/pages/teams/TeamLink';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Link } from '@/ui/Link';
import type { Column } from '@/ui/Table';
import { Time } from '@/ui/values';

import { AlertBadge } from './AlertBadge';
import { type Alert, pathOf } from './alertRow';

export function Subject({ alert: { subject, kind } }: { alert: Pick<Alert, 'subject' | 'kind'> }) {
  const path = pathOf(subject, kind);
  return path ? <Link to={path}>{subject}</Link> : <>{subject}</>;
}

/** Of a list of alerts; `sort` as the server can, `onMute` for a button in each row. */
export const alertColumns = (t: T, onMute?: (alert: Alert) => void): Column<Alert>[] => [
  {
    id: 'kind',
    header: t('alerts.alert'),
    sort: 'kind',
    cell: ({ kind, incident, subject }) => (
      <>
        <Link to={pathTo('/alerts/incidents/:incident', { incident })}>{kind}</Link>
        <div>
          <Subject alert={{ subject, kind }} />
        </div>
      </>
    ),
    text: ({ kind, subject }) => `${kind}: ${subject}`,
  },
  {
    id: 'state',
    header: t('alerts.state'),
    sort: 'state',
    cell: (alert) => <AlertBadge alert={alert} />,
    text: ({ state }) => state,
  },
  {
    id: 'summary',
    header: t('alerts.summary'),
    isWide: true,
    cell: ({ summary, cause }) => (cause ? `${summary} · ${cause}` : summary),
    text: ({ summary }) => summary,
  },
  {
    id: 'since',
    header: t('alerts.since'),
    sort: 'since_us',
    align: 'end',
    cell: ({ since_us }) => <Time us={since_us} />,
    text: ({ since_us }) => since_us,
  },
  {
    id: 'severity',
    header: t('alerts.severity'),
    sort: 'severity',
    isHidden: true,
    cell: ({ severity }) => (
      <Badge tone={severity === 'page' ? 'warn' : 'quiet'}>
        {t(severity === 'page' ? 'alerts.page' : 'alerts.ticket')}
      </Badge>
    ),
    text: ({ severity }) => severity,
  },
  {
    id: 'owner',
    header: t('alerts.owner'),
    sort: 'owner',
    cell: ({ owner }) => <TeamLink team={owner} none={t('alerts.platform')} />,
    text: ({ owner }) => owner,
  },
  ...(onMute ? [muteColumn(t, onMute)] : []),
];

const muteColumn = (t: T, onMute: (alert: Alert) => void): Column<Alert> => ({
  id: 'mute',
  header: t('alerts.mutedUntil'),
  cell: (alert) =>
    alert.state === 'resolved' ? (
      '–'
    ) : alert.is_silenced ? (
      <Time us={alert.silenced_until_us} />
    ) : (
      <Button isSmall icon={<BellOff size={14} aria-hidden="true" />} onClick={() => onMute(alert)}>
        {t('alerts.mute')}
      </Button>
    ),
});
