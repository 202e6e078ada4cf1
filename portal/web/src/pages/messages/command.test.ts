import { expect, it } from 'vitest';

import { BROWSE_DEFAULTS } from './browseState';
import { consumeCommand } from './command';

const from = new Map([
  [0, 80n],
  [1, 5n],
]);

it('says on the command line what the page shows', () => {
  const command = (change: Partial<typeof BROWSE_DEFAULTS>) =>
    consumeCommand('orders', { ...BROWSE_DEFAULTS, ...change }, from, 25);
  expect(command({})).toBe('lanemq consume orders -o -25 -n 50 -e');
  expect(command({ from: 'oldest', partition: '1' })).toBe('lanemq consume orders -p 1 -o start -n 50 -e');
  expect(command({ page: '0.80-1.5' })).toBe(
    'lanemq consume orders -p 0 -o 80 -n 25 -e; lanemq consume orders -p 1 -o 5 -n 25 -e',
  );
});
