import { expect, it } from 'vitest';

import { tallyOf } from './cancelled';

it('counts what became of each', () => {
  const error = { code: 'DATA_NODE_UNAVAILABLE', message: 'gone' } as const;
  const results = [
    { handle: 'a', state: 'CANCELLED' },
    { handle: 'b', state: 'DELIVERED' },
    { handle: 'c', state: 'NOT_FOUND' },
    { handle: 'd', state: 'CANCELLED', error },
  ] as Parameters<typeof tallyOf>[0];
  expect(tallyOf(results)).toEqual({ cancelled: 1, delivered: 1, gone: 1, failed: 1 });
});
