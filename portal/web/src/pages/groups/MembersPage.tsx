import { Users } from 'lucide-react';

import type { Schemas } from '@/api/client';
import type { PageProps } from '@/app/routes';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { Await } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { Card, Facts } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Num, Span, Time } from '@/ui/values';

import { GroupFrame } from './GroupFrame';
import { MemberId } from './MemberId';
import { assignmentText } from './members';
import { useGroup } from './reads';
import { Section } from './Section';
import { StateBadge } from './StateBadge';

type Member = Schemas['GroupMemberInfo'];
type Rebalance = Schemas['Rebalance'];

const memberColumns = (t: T, leader: string | undefined): Column<Member>[] => [
  {
    id: 'member',
    header: t('groups.member'),
    cell: ({ member_id }) => (
      <>
        <MemberId id={member_id} /> {member_id === leader && <Badge tone="info">{t('groups.leader')}</Badge>}
      </>
    ),
  },
  {
    id: 'client',
    header: t('groups.client'),
    cell: ({ client_id, host }) => [client_id, host].filter(Boolean).join(' · '),
  },
  { id: 'instance', header: t('groups.instance'), cell: ({ group_instance_id }) => group_instance_id ?? '–' },
  {
    id: 'assignment',
    header: t('groups.assigned'),
    isWide: true,
    cell: ({ assignment }) => assignmentText(assignment ?? []) || t('common.none'),
  },
  { id: 'heartbeat', header: t('groups.heartbeat'), align: 'end', cell: (row) => <Time us={row.last_heartbeat_us} /> },
  {
    id: 'poll',
    header: t('groups.polled'),
    align: 'end',
    cell: ({ last_poll_age_ms: age }) => (age === undefined ? '–' : <Span ms={age} />),
  },
];

const rebalanceColumns = (t: T): Column<Rebalance>[] => [
  { id: 'at', header: t('groups.when'), cell: ({ at_us }) => <Time us={at_us} /> },
  { id: 'reason', header: t('groups.why'), isWide: true, cell: ({ reason }) => reason },
  { id: 'members', header: t('groups.members'), align: 'end', cell: ({ members }) => <Num value={members} /> },
  {
    id: 'moved',
    header: t('groups.movedPartitions'),
    align: 'end',
    cell: (row) => <Num value={row.moved_partitions} />,
  },
  {
    id: 'generation',
    header: t('groups.generation'),
    align: 'end',
    cell: ({ generation }) => <Num value={generation} isExact />,
  },
];

export default function MembersPage({ params }: PageProps) {
  const group = params.group as string;
  const read = useGroup(group);
  return (
    <GroupFrame group={group}>
      <Await read={read}>{(data) => <Membership data={data} />}</Await>
    </GroupFrame>
  );
}

function Membership({ data }: { data: Schemas['DescribeGroupResponse'] }) {
  const t = useT();
  const { group, members, coordinator, leader, history = [] } = data;
  return (
    <>
      <Card>
        <Facts
          of={[
            [t('groups.state'), <StateBadge state={group.state} />],
            [t('groups.emptySince'), group.empty_since_us === undefined ? null : <Time us={group.empty_since_us} />],
            [t('groups.assignor'), group.protocol],
            [t('groups.generation'), <Num value={group.generation} isExact />],
            [t('groups.coordinator'), `${coordinator.host}:${coordinator.port}`],
          ]}
        />
      </Card>
      <Section title={t('groups.members')}>
        <Table
          id="group-members"
          caption={t('groups.members')}
          columns={memberColumns(t, leader)}
          rows={members}
          rowKey={({ member_id }) => member_id}
          empty={
            <Empty icon={<Users size={28} />} title={t('groups.noMembersTitle')} text={t('groups.noMembersText')}>
              <Command text={commandLine('group', 'describe', group.group)} />
            </Empty>
          }
        />
      </Section>
      <Section title={t('groups.rebalances')} lead={t('groups.rebalancesLead')}>
        <Table
          id="group-rebalances"
          caption={t('groups.rebalances')}
          columns={rebalanceColumns(t)}
          rows={history}
          rowKey={({ generation, at_us }) => `${generation} ${at_us}`}
          empty={<p>{t('groups.noRebalances')}</p>}
        />
      </Section>
    </>
  );
}
