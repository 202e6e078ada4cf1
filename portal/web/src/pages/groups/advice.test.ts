import { describe, expect, it } from 'vitest';

import { adviceFor, poisonOf } from './advice';
import type { PartitionLag, TopicLag } from './lagRow';

const partition = (over: Partial<PartitionLag>): PartitionLag => ({
  partition: 0,
  status: 'OK',
  lag_messages: '0',
  lag_ms: '0',
  committed: '10',
  log_start: '0',
  log_end: '10',
  ...over,
});

const lag = (over: Partial<TopicLag>): TopicLag => ({
  group: 'billing',
  topic: 'orders',
  status: 'STOP',
  lag_messages: '1',
  lag_ms: '1',
  objective_ms: '60000',
  members: 1,
  in_rate: 0,
  out_rate: 0,
  ...over,
});

describe('adviceFor', () => {
  it('has nothing to say when all is well', () => {
    expect(adviceFor(lag({ status: 'OK' }))).toBeNull();
    expect(adviceFor(lag({ status: 'NEW' }))).toBeNull();
  });
  it('prefers the cause to the status', () => {
    expect(adviceFor(lag({ cause: 'NO_MEMBERS' }))?.what).toBe('groups.doNoMembers');
    expect(adviceFor(lag({ cause: 'UNKNOWN' }))?.what).toBe('groups.doStop');
    expect(adviceFor(lag({}))?.what).toBe('groups.doStop');
  });
  it('tells of lost rows how they went, whatever made the group late', () => {
    expect(adviceFor(lag({ status: 'LOST', cause: 'NO_MEMBERS' }))?.what).toBe('groups.doLost');
  });
  it('quotes names for a shell', () => {
    expect(adviceFor(lag({ group: "it's", cause: 'NO_MEMBERS' }))?.commands).toEqual([
      "lanemq group describe 'it'\\''s'",
    ]);
  });
});

describe('poison', () => {
  it('is in the partition whose record was begun again and again', () => {
    const partitions = [
      partition({ partition: 0, status: 'SLOW', lag_ms: '900000', attempts: 1 }),
      partition({ partition: 1, status: 'STALL', lag_ms: '5', claims: 3, committed: '9007199254740993' }),
    ];
    expect(poisonOf(lag({ partitions }))).toEqual({ partition: 1, offset: '9007199254740993' });
    expect(adviceFor(lag({ partitions, cause: 'POISON' }))?.commands).toEqual([
      'lanemq message get orders 1 9007199254740993',
      'lanemq group reset billing --topic orders:1 --to-offset 9007199254740994',
    ]);
  });
  it('begins where the log does when nothing was committed', () => {
    expect(poisonOf(lag({ partitions: [partition({ committed: '-1', log_start: '7' })] }))?.offset).toBe('7');
  });
  it('is not told without partitions', () => {
    expect(adviceFor(lag({ cause: 'POISON' }))).toEqual({ what: 'groups.doPoison', commands: [] });
  });
});
