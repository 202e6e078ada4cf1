import { describe, expect, it } from 'vitest';

import { EMPTY_NEED, faultsOf, fixed, needChanges, parseCount, renamed, rulesOf } from './need';

const need = { ...EMPTY_NEED, team: 'shop', name: 'shop.orders', perDay: '2.5M', bytes: '800' };

describe('a need', () => {
  it('is typed as people write numbers', () => {
    expect(parseCount('1,500')).toBe(1_500n);
    expect(parseCount('2.5M')).toBe(2_500_000n);
    expect(parseCount('300 k')).toBe(300_000n);
    for (const wrong of ['', 'many', '-5', '0.5', '1.5.2']) expect(parseCount(wrong)).toBeNull();
  });

  it('becomes a topic with what the people of the team may do', () => {
    expect(needChanges(need, 3, { isOpen: false })).toEqual([
      {
        kind: 'create_topic',
        name: 'shop.orders',
        partitions: 3,
        owner: 'shop',
        traffic: { messages_per_day: 2_500_000, message_bytes: 800, ordering: 'per_key' },
      },
      {
        kind: 'put_grant',
        resource: 'topic',
        name: 'shop.orders',
        principal: 'team:shop',
        actions: ['produce', 'consume'],
      },
    ]);
  });

  it('gives a look at messages only when that is wanted', () => {
    const [, grant] = needChanges({ ...need, withPeek: true }, 3, { isOpen: false });
    expect(grant?.actions).toEqual(['produce', 'consume', 'peek']);
    expect(needChanges({ ...need, withPeek: true, forPeople: false }, 3, { isOpen: false }).length).toBe(1);
  });

  it('leaves out what an open cluster does not know', () => {
    const wish = { ...need, retention: '1d', partitions: '8', description: ' All ' };
    expect(needChanges(wish, 3, { isOpen: true })).toEqual([
      {
        kind: 'create_topic',
        name: 'shop.orders',
        partitions: 8,
        config: { 'retention.ms': '86400000' },
        description: 'All',
      },
    ]);
  });

  it('is nothing before it is whole', () => {
    expect(needChanges({ ...need, name: ' ' }, 3, { isOpen: false })).toEqual([]);
    expect(needChanges(need, undefined, { isOpen: false })).toEqual([]);
    expect(needChanges({ ...need, perDay: 'x' }, 3, { isOpen: false })).toEqual([]);
    expect(faultsOf({ ...need, perDay: 'x', bytes: '0', retention: 'y', partitions: '0' })).toEqual({
      perDay: true,
      bytes: true,
      retention: true,
      partitions: true,
    });
  });

  it('takes fixes over', () => {
    expect(fixed(need, 'name', 'shop.new-orders')?.name).toBe('shop.new-orders');
    expect(fixed(need, 'partitions', '4')?.partitions).toBe('4');
    expect(fixed(need, 'quota.topics', '9')).toBeNull();
  });

  it('follows the policy of names', () => {
    const rules = rulesOf('{"tiers":["page"],"topic_names":{"begins_with_owner":true}}');
    expect(rules).toEqual({ tiers: ['page'], beginsWithOwner: true });
    expect(renamed('', '', 'shop', rules)).toBe('shop.');
    expect(renamed('shop.orders', 'shop', 'pay', rules)).toBe('pay.orders');
    expect(renamed('orders', '', 'shop', rulesOf(undefined))).toBe('orders');
    expect(rulesOf('{')).toEqual({ tiers: [], beginsWithOwner: false });
  });
});
