import { expect, it } from 'vitest';

import { EMPTY_DRAFT } from './draft';
import { produceCommand } from './produceCommand';

it('sends the same from a shell', () => {
  const draft = { ...EMPTY_DRAFT, hasKey: true, key: "o'neil", body: 'pay now', headers: 'a: 1', partition: '2' };
  expect(produceCommand('orders', draft)).toBe("echo 'pay now' | lanemq produce orders -k 'o'\\''neil' -H a=1 -p 2");
  expect(produceCommand('orders', { ...EMPTY_DRAFT, delay: '5 min' })).toBe(
    'echo hello | lanemq produce orders --delay 5m',
  );
});
