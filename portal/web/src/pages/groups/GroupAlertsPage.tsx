import { BellOff, Target } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import type { PageProps } from '@/app/routes';
import { useT } from '@/i18n/translate';
import { alertColumns } from '@/pages/alerts/alertColumns';
import { groupPattern, groupSubject, matches } from '@/pages/alerts/alertRow';
import { MuteDialog } from '@/pages/alerts/MuteDialog';
import { type Objective, objectiveColumns, objectiveKey } from '@/pages/alerts/objectiveColumns';
import { ObjectiveDialog } from '@/pages/alerts/ObjectiveDialog';
import { silenceColumns } from '@/pages/alerts/SilencesPage';
import { Await } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { Table } from '@/ui/Table';

import { GroupFrame } from './GroupFrame';
import { useGroupLag } from './reads';
import { Section } from './Section';

const DAYS = 30;
const ALL = 1_000;

type Muting = { kind: string; subject: string };

/** What fires about the group, who is not told, and what it promises. */
export default function GroupAlertsPage({ params }: PageProps) {
  const group = params.group as string;
  const [muting, setMuting] = useState<Muting | null>(null);
  const [edited, setEdited] = useState<Objective | null>(null);
  return (
    <GroupFrame group={group}>
      <Alerts group={group} onMute={setMuting} />
      <Silences group={group} />
      <Objectives group={group} onEdit={setEdited} />
      {muting && <MuteDialog {...muting} onClose={() => setMuting(null)} />}
      {edited && <ObjectiveDialog objective={edited} onClose={() => setEdited(null)} />}
    </GroupFrame>
  );
}

function Alerts({ group, onMute }: { group: string; onMute: (muting: Muting) => void }) {
  const t = useT();
  const read = useRead(['alerts', 'group', group], (signal) => {
    const query = { resolved_days: DAYS, max: 5_000, limit: ALL, filter: [`subject:${groupPattern(group)}`] };
    return take(http.GET('/alerts', { params: { query }, signal }));
  });
  return (
    <Section
      title={t('groups.tabAlerts')}
      lead={t('groups.alertsLead', { n: DAYS })}
      actions={
        <Button
          icon={<BellOff size={15} aria-hidden="true" />}
          onClick={() => onMute({ kind: '*', subject: groupPattern(group) })}
        >
          {t('groups.muteAll')}
        </Button>
      }
    >
      <Await read={read}>
        {({ alerts }) => (
          <Table
            id="group-alerts"
            caption={t('groups.tabAlerts')}
            columns={alertColumns(t, onMute)}
            rows={alerts}
            rowKey={({ incident }) => incident}
            empty={<Empty title={t('groups.noAlertsTitle')} text={t('groups.noAlertsText', { n: DAYS })} />}
          />
        )}
      </Await>
    </Section>
  );
}

function Silences({ group }: { group: string }) {
  const t = useT();
  const read = useRead(['silences', 'all'], (signal) =>
    take(http.GET('/silences', { params: { query: { limit: ALL } }, signal })),
  );
  const lag = useGroupLag(group);
  // A silence concerns the group when it would match an alert about it.
  const subjects = [groupPattern(group), ...(lag.data?.topics ?? []).map(({ topic }) => groupSubject(group, topic))];
  const concerned = (read.data?.silences ?? []).filter(({ subject }) => subjects.some((one) => matches(subject, one)));
  if (concerned.length === 0) return null;
  return (
    <Section title={t('groups.silences')}>
      <Table
        id="group-silences"
        caption={t('groups.silences')}
        columns={silenceColumns(t)}
        rows={concerned}
        rowKey={({ id }) => id}
      />
    </Section>
  );
}

function Objectives({ group, onEdit }: { group: string; onEdit: (objective: Objective) => void }) {
  const t = useT();
  const read = useRead(['lag-objectives', 'all'], (signal) =>
    take(http.GET('/lag-objectives', { params: { query: { limit: ALL } }, signal })),
  );
  return (
    <Section
      title={t('groups.objectives')}
      lead={t('groups.objectivesLead')}
      actions={
        <Button icon={<Target size={15} aria-hidden="true" />} onClick={() => onEdit({ group, topic: '*' })}>
          {t('groups.objectiveAdd')}
        </Button>
      }
    >
      <Await read={read}>
        {({ objectives }) => (
          <Table
            id="group-objectives"
            caption={t('groups.objectives')}
            columns={objectiveColumns(t, onEdit)}
            rows={objectives.filter((one) => one.group === group || one.group === '*')}
            rowKey={objectiveKey}
            empty={<p>{t('groups.noObjectives')}</p>}
          />
        )}
      </Await>
    </Section>
  );
}
