import { type Key, type T, useT } from '@/i18n/translate';
import { duration } from '@/lib/format';
import { pathTo } from '@/lib/location';
import { useOwner } from '@/pages/teams/ownership';
import { TeamLink, WhomToAsk } from '@/pages/teams/TeamLink';
import { ButtonLink } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Link } from '@/ui/Link';
import { Card, Cards, Facts } from '@/ui/Page';
import { Num, Rate, Span, Time } from '@/ui/values';

import { adviceFor } from './advice';
import { linksFor } from './adviceLinks';
import { LagBadge } from './LagBadge';
import { isTrouble, overObjective, timesText, type TopicLag, verdictOf } from './lagRow';
import { Deeds, Stack } from './Section';

const causes: Record<string, Key> = {
  NO_MEMBERS: 'groups.causeNoMembers',
  NOT_POLLING: 'groups.causeNotPolling',
  POISON: 'groups.causePoison',
  TOO_FEW_PARTITIONS: 'groups.causeTooFewPartitions',
  THROTTLED: 'groups.causeThrottled',
  DATA_NODE_SLOW: 'groups.causeDataNodeSlow',
  PRODUCER_SURGE: 'groups.causeProducerSurge',
  REBALANCING: 'groups.causeRebalancing',
  UNKNOWN: 'groups.causeUnknown',
};

/** How a group does on a topic: the verdict with what to do about it, and the figures. */
export function TopicCards({ lag }: { lag: TopicLag }) {
  const t = useT();
  return (
    <Cards>
      <VerdictCard lag={lag} />
      <Card title={t('groups.figures')}>
        <Facts of={figuresOf(lag, t)} />
      </Card>
    </Cards>
  );
}

function VerdictCard({ lag }: { lag: TopicLag }) {
  const t = useT();
  const advice = adviceFor(lag);
  const cause = lag.cause && isTrouble(lag.status) ? causes[lag.cause] : undefined;
  return (
    <Card
      title={
        <Link to={pathTo('/topics/:name', { name: lag.topic })} title={t('groups.topic')}>
          {lag.topic}
        </Link>
      }
      actions={<LagBadge status={lag.status} />}
    >
      <Stack>
        <p>
          {t(verdictOf(lag.status).meaning)}
          {lag.since_us !== undefined && isTrouble(lag.status) && (
            <>
              {' '}
              {t('groups.since')} <Time us={lag.since_us} />
            </>
          )}
        </p>
        {cause && (
          <p>
            <strong>{t('groups.cause')}</strong> {t(cause)}
          </p>
        )}
        {lag.evidence && <p>{lag.evidence}</p>}
        {advice && (
          <p>
            <strong>{t('groups.advice')}</strong> {t(advice.what)}
          </p>
        )}
        <Deeds>
          {linksFor(lag).map(({ to, text, values }) => (
            <ButtonLink key={to} isSmall to={to}>
              {t(text, values)}
            </ButtonLink>
          ))}
        </Deeds>
        {advice?.commands.map((command) => (
          <Command key={command} text={command} />
        ))}
      </Stack>
    </Card>
  );
}

function figuresOf(lag: TopicLag, t: T): [string, React.ReactNode][] {
  const drains = lag.drain_ms !== undefined;
  const isBehind = lag.lag_messages !== '0';
  return [
    [t('groups.lagTime'), <Span ms={lag.lag_ms} />],
    [
      t('groups.objective'),
      t('groups.objectiveUsed', { span: duration(lag.objective_ms), times: timesText(overObjective(lag)) }),
    ],
    [t('groups.lagMessages'), <Num value={lag.lag_messages} />],
    [t('groups.drain'), drains ? <Span ms={lag.drain_ms} /> : t(isBehind ? 'groups.drainsNot' : 'groups.drained')],
    [t('groups.inRate'), <Rate value={lag.in_rate} />],
    [t('groups.outRate'), <Rate value={lag.out_rate} />],
    [t('groups.headroom'), lag.headroom_ms === undefined ? t('groups.headroomNone') : <Span ms={lag.headroom_ms} />],
    [t('groups.members'), <Num value={lag.members} />],
    [
      t('groups.partitions'),
      t('groups.partitionsTrouble', { n: lag.partition_count ?? 0, bad: lag.troubled_partitions ?? 0 }),
    ],
    [t('groups.owner'), <Owner group={lag.group} />],
    [t('teams.whomToAsk'), <Whom lag={lag} />],
    [t('groups.told'), <TeamLink team={lag.owner} none={t('groups.ownerPlatform')} />],
    [t('groups.tier'), t(lag.tier === 'ticket' ? 'groups.tierTicket' : 'groups.tierPage')],
    [t('groups.alertsOn'), lag.alerts_on === undefined ? null : t(lag.alerts_on ? 'common.yes' : 'common.no')],
  ];
}

function Owner({ group }: { group: string }) {
  const t = useT();
  const owner = useOwner('group', group);
  return owner.data === undefined ? '…' : <TeamLink team={owner.data} none={t('topics.ownerNone')} />;
}

function Whom({ lag }: { lag: TopicLag }) {
  const team = useOwner('group', lag.group).data ?? lag.owner;
  return team ? <WhomToAsk team={team} /> : '–';
}
