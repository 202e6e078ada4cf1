import type { Schemas } from '@/api/client';
import { nameOf } from '@/api/session';
import type { T } from '@/i18n/translate';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import type { Column } from '@/ui/Table';
import { Num, Span, Time } from '@/ui/values';

export type Objective = Schemas['LagObjective'];

export const objectiveKey = ({ group, topic }: Objective) => `${group} ${topic}`;

/** What is not set is left to the less specific one. */
const inherited = (t: T) => <span title={t('alerts.inheritedWhy')}>{t('alerts.inherited')}</span>;

export const objectiveColumns = (t: T, onEdit: (objective: Objective) => void): Column<Objective>[] => [
  {
    id: 'group',
    header: t('alerts.group'),
    sort: 'group',
    cell: ({ group }) => (group === '*' ? t('alerts.allGroups') : group),
    text: ({ group }) => group,
  },
  {
    id: 'topic',
    header: t('alerts.topic'),
    sort: 'topic',
    cell: ({ topic }) => (topic === '*' ? t('alerts.allTopics') : topic),
    text: ({ topic }) => topic,
  },
  {
    id: 'lag',
    header: t('alerts.lag'),
    sort: 'objective_ms',
    align: 'end',
    cell: ({ objective_ms: ms }) => (ms === undefined ? inherited(t) : <Span ms={ms} />),
    text: ({ objective_ms }) => objective_ms ?? '',
  },
  {
    id: 'allowed',
    header: t('alerts.allowed'),
    align: 'end',
    cell: ({ allowed_messages: n }) => (n === undefined ? inherited(t) : <Num value={n} />),
    text: ({ allowed_messages }) => allowed_messages ?? '',
  },
  {
    id: 'owner',
    header: t('alerts.owner'),
    sort: 'owner',
    cell: ({ owner }) => (owner === undefined ? inherited(t) : owner || t('alerts.platform')),
    text: ({ owner }) => owner ?? '',
  },
  {
    id: 'tier',
    header: t('alerts.tier'),
    cell: ({ tier }) => (tier === undefined ? inherited(t) : t(tier === 'ticket' ? 'alerts.ticket' : 'alerts.page')),
    text: ({ tier }) => tier ?? '',
  },
  {
    id: 'alerts',
    header: t('alerts.title'),
    cell: ({ alerts_on: isOn }) =>
      isOn === undefined ? (
        inherited(t)
      ) : (
        <Badge tone={isOn ? 'good' : 'quiet'}>{t(isOn ? 'alerts.on' : 'alerts.off')}</Badge>
      ),
    text: ({ alerts_on }) => String(alerts_on ?? ''),
  },
  {
    id: 'changed',
    header: t('alerts.changed'),
    sort: 'updated_us',
    align: 'end',
    isHidden: true,
    cell: ({ updated_us, updated_by }) => (
      <>
        <Time us={updated_us} /> {updated_by && nameOf(updated_by)}
      </>
    ),
  },
  {
    id: 'edit',
    header: t('common.edit'),
    cell: (objective) => (
      <Button isSmall onClick={() => onEdit(objective)}>
        {t('common.edit')}
      </Button>
    ),
  },
];
