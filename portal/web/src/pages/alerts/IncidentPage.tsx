import { BellOff } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import type { PageProps } from '@/app/routes';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { Section } from '@/pages/groups/Section';
import { TeamLink, WhomToAsk } from '@/pages/teams/TeamLink';
import { Await } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { Link } from '@/ui/Link';
import { Card, Facts, Page } from '@/ui/Page';
import { Table } from '@/ui/Table';
import { Time } from '@/ui/values';

import { AlertBadge } from './AlertBadge';
import { Subject } from './alertColumns';
import type { Alert } from './alertRow';
import { eventColumns, eventKey } from './eventColumns';
import { MuteDialog } from './MuteDialog';

/** As long as the server remembers. */
const DAYS = 90;

export default function IncidentPage({ params }: PageProps) {
  const t = useT();
  const incident = params.incident as string;
  const [isOpen, setOpen] = useState(false);
  const alerts = useRead(['alerts', 'incident', incident], (signal) => {
    const query = { resolved_days: DAYS, max: 5_000, limit: 1, filter: [`incident:${incident}`] };
    return take(http.GET('/alerts', { params: { query }, signal }));
  });
  const alert = alerts.data?.alerts[0];
  const canMute = alert !== undefined && alert.state !== 'resolved' && !alert.is_silenced;
  return (
    <Page
      title={alert?.kind ?? t('alerts.incident')}
      lead={alert?.summary}
      above={<Link to="/alerts">{t('alerts.title')}</Link>}
      marks={alert && <AlertBadge alert={alert} />}
      actions={
        canMute && (
          <Button icon={<BellOff size={15} aria-hidden="true" />} onClick={() => setOpen(true)}>
            {t('alerts.mute')}
          </Button>
        )
      }
    >
      <Await read={alerts}>
        {() =>
          alert ? <AlertCard alert={alert} /> : <Empty title={t('alerts.goneTitle')} text={t('alerts.goneText')} />
        }
      </Await>
      <Events incident={incident} />
      {isOpen && alert && <MuteDialog kind={alert.kind} subject={alert.subject} onClose={() => setOpen(false)} />}
    </Page>
  );
}

const factsOf = (alert: Alert, t: T): [string, React.ReactNode][] => [
  [t('alerts.subject'), <Subject alert={alert} />],
  [t('alerts.cause'), alert.cause],
  [t('alerts.since'), <Time us={alert.since_us} />],
  [t('alerts.fired'), alert.fired_us && <Time us={alert.fired_us} />],
  [t('alerts.resolved'), alert.resolved_us && <Time us={alert.resolved_us} />],
  [t('alerts.severity'), t(alert.severity === 'page' ? 'alerts.page' : 'alerts.ticket')],
  [t('alerts.owner'), <TeamLink team={alert.owner} none={t('alerts.platform')} />],
  [t('teams.whomToAsk'), alert.owner && <WhomToAsk team={alert.owner} />],
  [t('alerts.mutedUntil'), alert.is_silenced && <Time us={alert.silenced_until_us} />],
  [t('alerts.muteReason'), alert.silence_reason],
  [t('alerts.explained'), alert.inhibited_by],
  [t('alerts.runbook'), alert.runbook && <Runbook where={alert.runbook} />],
  [t('alerts.incident'), <code>{alert.incident}</code>],
];

/** A link where the cluster was told where its documents are served, else the file's name. */
const Runbook = ({ where }: { where: string }) =>
  /^https?:\/\//.test(where) ? (
    <a href={where} target="_blank" rel="noreferrer">
      {where}
    </a>
  ) : (
    <code>{where}</code>
  );

function AlertCard({ alert }: { alert: Alert }) {
  const t = useT();
  return (
    <Card>
      <Facts of={factsOf(alert, t).map(([name, value]) => [name, value || null])} />
      <Command text={commandLine('alert', 'show', alert.incident)} />
    </Card>
  );
}

function Events({ incident }: { incident: string }) {
  const t = useT();
  const read = useRead(['alert-events', incident], (signal) =>
    take(http.GET('/alert-events', { params: { query: { incident, max: 1_000, limit: 1_000 } }, signal })),
  );
  return (
    <Section title={t('alerts.tabEvents')}>
      <Await read={read}>
        {({ events }) => (
          <Table
            id="incident-events"
            caption={t('alerts.tabEvents')}
            columns={eventColumns(t, false)}
            rows={events}
            rowKey={eventKey}
            empty={<p>{t('alerts.noEvents')}</p>}
          />
        )}
      </Await>
    </Section>
  );
}
