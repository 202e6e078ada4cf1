import { describe, expect, it } from 'vitest';

import { batchesOf, movedBy, type OffsetReset, placesText } from './resets';

const reset = (over: Partial<OffsetReset>): OffsetReset => ({
  topic: 'orders',
  partition: 0,
  reset_epoch: '1',
  old_offset: '50',
  new_offset: '10',
  at_us: '20000000',
  requested_by: 'person:ada',
  reason: 'replay',
  ...over,
});

describe('batchesOf', () => {
  it('joins what one person did at once', () => {
    const batches = batchesOf([
      reset({}),
      reset({ partition: 1, at_us: '19000000', old_offset: '-1' }),
      reset({ partition: 2, at_us: '19000000', requested_by: 'person:bob' }),
      reset({ partition: 3, at_us: '1000000' }),
    ]);
    expect(batches.map(placesText)).toEqual(['orders 0-1', 'orders 2', 'orders 3']);
    expect(movedBy(batches[0]!)).toBe(-40n);
  });
  it('keeps two resets of one partition apart', () => {
    expect(batchesOf([reset({}), reset({ at_us: '19999999' })])).toHaveLength(2);
  });
});
