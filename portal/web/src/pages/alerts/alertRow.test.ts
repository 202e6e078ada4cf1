import { describe, expect, it } from 'vitest';

import { type Alert, groupPattern, isOver, matches, pathOf, quietened, stateOf } from './alertRow';

const alert = (over: Partial<Alert>): Alert => ({
  incident: 'i1',
  kind: 'group_slow',
  subject: 'group billing, topic orders',
  state: 'firing',
  severity: 'page',
  owner: '',
  summary: '',
  since_us: '1',
  ...over,
});

describe('stateOf', () => {
  it('tells a page from a ticket', () => {
    expect(stateOf(alert({}))?.[0]).toBe('bad');
    expect(stateOf(alert({ severity: 'ticket' }))?.[0]).toBe('warn');
    expect(stateOf(alert({ state: 'resolved' }))?.[0]).toBe('good');
    expect(stateOf(alert({ state: 'snoozed' }))).toBeNull();
  });
});

describe('pathOf', () => {
  it('leads to what an alert is about', () => {
    expect(pathOf('group a/b, topic orders')).toBe('/groups/a%2Fb?topic=orders');
    expect(pathOf('topic orders')).toBe('/topics/orders');
    expect(pathOf('topic orders, partition 3')).toBe('/topics/orders');
    expect(pathOf('outbox shop@db:3306')).toBe('/outboxes?q=shop%40db%3A3306');
    expect(pathOf('node n1')).toBe('/admin/nodes/n1');
    expect(pathOf('group billing, topic orders', 'dead_letters_growing')).toBe(
      '/groups/billing/dead-letters?topic=orders',
    );
    expect(pathOf('cluster')).toBeNull();
  });
});

describe('silences', () => {
  it('match as the server does', () => {
    expect(matches('group_*', 'group_slow')).toBe(true);
    expect(matches('group_*', 'node_slow')).toBe(false);
    expect(matches('*', 'anything at all')).toBe(true);
    expect(matches('a.c', 'abc')).toBe(false);
    expect(matches('group b*, topic *', 'group billing, topic a, topic b')).toBe(true);
  });
  it('of one group leave groups alone whose names begin like it', () => {
    const alerts = [alert({}), alert({ subject: 'group billing2, topic orders' })];
    expect(quietened(alerts, { kind: '*', subject: groupPattern('billing') })).toEqual([alerts[0]]);
  });
  it('end', () => {
    const silence = {
      id: '1',
      kind: '*',
      subject: '*',
      until_us: '5000000',
      reason: '',
      created_by: '',
      created_us: '0',
    };
    expect([isOver(silence, 4_999), isOver(silence, 5_000)]).toEqual([false, true]);
  });
});
