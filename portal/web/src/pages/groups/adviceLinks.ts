/** Pages that help with a group in trouble, for whoever is on call. */
import type { Key } from '@/i18n/translate';
import { toBig } from '@/lib/format';
import { pathTo } from '@/lib/location';
import { messagePath } from '@/pages/messages/message';

import { poisonOf } from './advice';
import { isTrouble, type PartitionLag, type TopicLag, worstFirst } from './lagRow';

export interface AdviceLink {
  to: string;
  text: Key;
  values?: Record<string, string>;
}

const groupPage = (group: string, part: string) => pathTo('/groups/:group', { group }) + part;
const topicPage = (name: string, part = '') => pathTo('/topics/:name', { name }) + part;

/** The editor of offsets, with the plan to go on behind a message. It shows the plan before anything is done. */
export function skipPath(lag: Pick<TopicLag, 'group' | 'topic'>, partition: number, offset: string): string {
  const value = String((toBig(offset) ?? 0n) + 1n);
  const query = new URLSearchParams({ topic: lag.topic, partitions: String(partition), way: 'offset', value });
  return `${groupPage(lag.group, '/offsets')}?${query}`;
}

/** Where a partition's reader is: the message that it reads next; null: it has read all there is. */
export function nextMessage({ committed, log_start, log_end }: PartitionLag): string | null {
  const [at, start, end] = [toBig(committed) ?? -1n, toBig(log_start) ?? 0n, toBig(log_end) ?? 0n];
  const next = at > start ? at : start;
  return next < end ? next.toString() : null;
}

/** The message that a group stands at, and the way past it when that is what holds it up. */
function aboutMessage(lag: TopicLag, partition: number, offset: string): AdviceLink[] {
  const values = { place: `${partition}/${offset}` };
  const to = messagePath(lag.topic, { partition, offset: BigInt(offset) });
  return [
    { to, text: 'groups.goMessage', values },
    { to: skipPath(lag, partition, offset), text: 'groups.goSkip', values },
  ];
}

function aboutPoison(lag: TopicLag): AdviceLink[] {
  const stuck = poisonOf(lag);
  return stuck ? aboutMessage(lag, stuck.partition, stuck.offset) : [];
}

/** Of the partition that is worst, the message it does not get past. */
function aboutStall(lag: TopicLag): AdviceLink[] {
  const worst = worstFirst(lag.partitions ?? [])[0];
  const offset = worst && nextMessage(worst);
  return worst && offset ? aboutMessage(lag, worst.partition, offset).slice(0, 1) : [];
}

function nodesOf({ partitions = [] }: TopicLag): AdviceLink[] {
  const bad = partitions.filter(({ status, node }) => node && isTrouble(status)).map(({ node }) => node as string);
  return [...new Set(bad)].map((node) => ({
    to: pathTo('/admin/nodes/:name', { name: node }),
    text: 'groups.goNode',
    values: { node },
  }));
}

function aboutCause(lag: TopicLag): AdviceLink[] {
  const members: AdviceLink = { to: groupPage(lag.group, '/members'), text: 'groups.goMembers' };
  switch (lag.cause) {
    case 'NO_MEMBERS':
    case 'NOT_POLLING':
    case 'REBALANCING':
      return [members];
    case 'POISON':
      return aboutPoison(lag);
    case 'TOO_FEW_PARTITIONS':
      return [{ to: topicPage(lag.topic, '/settings'), text: 'groups.goSettings' }, members];
    case 'THROTTLED':
      return [{ to: lag.owner ? `/quotas?q=${encodeURIComponent(lag.owner)}` : '/quotas', text: 'groups.goQuota' }];
    case 'DATA_NODE_SLOW':
      return nodesOf(lag);
    case 'PRODUCER_SURGE':
      return [{ to: topicPage(lag.topic), text: 'groups.goTopic' }];
    default:
      return [];
  }
}

function aboutStatus(lag: TopicLag): AdviceLink[] {
  const members: AdviceLink = { to: groupPage(lag.group, '/members'), text: 'groups.goMembers' };
  switch (lag.status) {
    case 'LOST':
      return [{ to: topicPage(lag.topic, '/history'), text: 'groups.goHistory' }];
    case 'REWIND':
      return [{ to: groupPage(lag.group, '/offsets'), text: 'groups.goResets' }];
    case 'STALL':
      return [...aboutStall(lag), members];
    case 'STOP':
    case 'SLOW':
      return [members];
    default:
      return [];
  }
}

/** As adviceFor() advises: of rows that are gone, how they went comes before why the group was late. */
export function linksFor(lag: TopicLag): AdviceLink[] {
  const byCause = isTrouble(lag.status) && lag.status !== 'LOST' ? aboutCause(lag) : [];
  return byCause.length > 0 ? byCause : aboutStatus(lag);
}
