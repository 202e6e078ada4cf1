import type { ReactNode } from 'react';

import type { Schemas } from '@/api/client';
import { useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { Star } from '@/ui/Star';
import { Tabs } from '@/ui/Tabs';

import { GroupActions } from './GroupActions';
import { LagBadge } from './LagBadge';
import { pausesOf } from './lagRow';
import { PauseNotes } from './PauseNotes';
import { lettersOf, useDeadLetterCounts, useGroup, useGroupLag, useOffsets, worstStatus } from './reads';
import { StateBadge } from './StateBadge';

const TABS = [
  ['', 'groups.tabOverview'],
  ['/partitions', 'groups.tabPartitions'],
  ['/members', 'groups.tabMembers'],
  ['/offsets', 'groups.tabOffsets'],
  ['/retry', 'groups.tabRetry'],
  ['/dead-letters', 'groups.tabDeadLetters'],
  ['/alerts', 'groups.tabAlerts'],
  ['/history', 'groups.tabHistory'],
] as const;

/** Every page of one group: its name, how it does, what can be done with it, and the tabs. */
export function GroupFrame({ group, children }: { group: string; children: ReactNode }) {
  const t = useT();
  const described = useGroup(group);
  const lag = useGroupLag(group);
  const offsets = useOffsets(group);
  const letters = useDeadLetterCounts(group);
  const status = worstStatus(lag.data?.topics ?? []);
  const pauses = pausesOf(offsets.data?.partitions ?? []);
  const counts: Partial<Record<string, number>> = {
    '/members': described.data?.members.length,
    '/dead-letters': letters.data && Number(lettersOf(letters.data.counts)),
  };
  return (
    <Page
      title={group}
      above={<Link to="/groups">{t('groups.title')}</Link>}
      marks={<Marks group={group} status={status} listing={described.data?.group} />}
      actions={<GroupActions group={group} isPaused={pauses.length > 0} hasMembers={hasMembers(described.data)} />}
    >
      <PauseNotes pauses={pauses} />
      <Tabs
        label={t('groups.tabs', { group })}
        tabs={TABS.map(([path, text]) => ({
          to: pathTo('/groups/:group', { group }) + path,
          text: t(text),
          ...(counts[path] !== undefined && { count: counts[path] }),
        }))}
      />
      {children}
    </Page>
  );
}

const hasMembers = (group: Schemas['DescribeGroupResponse'] | undefined) => (group?.members.length ?? 0) > 0;

function Marks({
  group,
  status,
  listing,
}: {
  group: string;
  status: string | null;
  listing: Schemas['GroupListing'] | undefined;
}) {
  return (
    <>
      <Star of={`group:${group}`} name={group} />
      {status && <LagBadge status={status} />}
      {listing && <StateBadge state={listing.state} />}
    </>
  );
}
