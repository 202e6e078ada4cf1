import { describe, expect, it } from 'vitest';

import { linksFor, nextMessage, skipPath } from './adviceLinks';
import type { PartitionLag, TopicLag } from './lagRow';

const partition = (over: Partial<PartitionLag>): PartitionLag => ({
  partition: 0,
  status: 'STALL',
  lag_messages: '5',
  lag_ms: '0',
  committed: '5',
  log_start: '0',
  log_end: '10',
  ...over,
});

const lag = (over: Partial<TopicLag>): TopicLag => ({
  group: 'shop.billing',
  topic: 'shop.orders',
  status: 'STALL',
  lag_messages: '1',
  lag_ms: '1',
  objective_ms: '60000',
  members: 1,
  in_rate: 0,
  out_rate: 0,
  ...over,
});

describe('linksFor', () => {
  it('leads to the message that blocks a partition, and to a plan that goes on behind it', () => {
    const partitions = [partition({}), partition({ partition: 3, claims: 4, committed: '9007199254740993' })];
    expect(linksFor(lag({ cause: 'POISON', partitions }))).toEqual([
      {
        to: '/topics/shop.orders/messages/3/9007199254740993',
        text: 'groups.goMessage',
        values: { place: '3/9007199254740993' },
      },
      {
        to: '/groups/shop.billing/offsets?topic=shop.orders&partitions=3&way=offset&value=9007199254740994',
        text: 'groups.goSkip',
        values: { place: '3/9007199254740993' },
      },
    ]);
  });
  it('shows of a stalled group what it stands at, but offers no way past it', () => {
    const texts = linksFor(lag({ cause: 'UNKNOWN', partitions: [partition({})] })).map(({ text }) => text);
    expect(texts).toEqual(['groups.goMessage', 'groups.goMembers']);
  });
  it('falls back to the verdict when nothing is known of the cause', () => {
    expect(linksFor(lag({ cause: 'DATA_NODE_SLOW', status: 'SLOW' }))[0]?.to).toBe('/groups/shop.billing/members');
  });
  it('names each slow data node once', () => {
    const partitions = [partition({ node: 'n1' }), partition({ node: 'n1' }), partition({ node: 'n2', status: 'OK' })];
    const links = linksFor(lag({ cause: 'DATA_NODE_SLOW', partitions }));
    expect(links.map(({ to }) => to)).toEqual(['/admin/nodes/n1']);
  });
  it('tells of lost rows what was done to the topic, whatever made the group late', () => {
    expect(linksFor(lag({ status: 'LOST', cause: 'NO_MEMBERS' }))[0]?.to).toBe('/topics/shop.orders/history');
  });
  it('has nowhere to go when all is well', () => {
    expect(linksFor(lag({ status: 'OK', cause: 'NO_MEMBERS' }))).toEqual([]);
  });
});

describe('nextMessage', () => {
  it('is the one behind the commit, or where the log begins', () => {
    expect(nextMessage(partition({}))).toBe('5');
    expect(nextMessage(partition({ committed: '-1', log_start: '3' }))).toBe('3');
  });
  it('is none when all is read', () => {
    expect(nextMessage(partition({ committed: '10' }))).toBeNull();
    expect(nextMessage(partition({ committed: '-1', log_start: '0', log_end: '0' }))).toBeNull();
  });
});

it('a plan of names that need quoting is found again', () => {
  const query = new URL(skipPath({ group: 'a', topic: 'b&c' }, 0, '1'), 'http://x').searchParams;
  expect(query.get('topic')).toBe('b&c');
});
