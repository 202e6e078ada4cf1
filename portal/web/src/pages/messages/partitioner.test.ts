import { expect, it } from 'vitest';

import { murmur2, partitionOfKey } from './partitioner';

const bytes = (text: string) => new TextEncoder().encode(text);

// Vectors of Kafka's own UtilsTest.testMurmur2, which common/core/partition is held against, too.
it.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('agrees with Kafka on %s', (text, hash) => {
  expect(murmur2(bytes(text))).toBe(hash);
});

it('stays in range', () => {
  for (let i = 0; i < 1_000; ++i) {
    const partition = partitionOfKey(bytes(`key ${i} 消`), 7);
    expect(partition >= 0 && partition < 7).toBe(true);
  }
});
