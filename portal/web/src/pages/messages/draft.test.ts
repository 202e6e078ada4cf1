import { describe, expect, it } from 'vitest';

import { EMPTY_DRAFT, newProducerId, parseHeaders, partitionFor, toMessage } from './draft';

describe('a message by hand', () => {
  it('has headers, one a line', () => {
    expect(parseHeaders('a: 1\n\n b :x:y ')).toEqual([
      { name: 'a', value: '1' },
      { name: 'b', value: 'x:y' },
    ]);
    expect(parseHeaders('')).toEqual([]);
    expect(parseHeaders('no colon')).toBeNull();
    expect(parseHeaders(': no name')).toBeNull();
  });

  it('goes where clients would put it', () => {
    const draft = { ...EMPTY_DRAFT, hasKey: true, key: 'foobar' };
    // (-790332482 & 0x7fffffff) % 7, of Kafka's vector.
    expect(partitionFor(draft, 7, 0)).toBe(((-790332482 & 0x7fffffff) >>> 0) % 7);
    expect(partitionFor({ ...draft, partition: '3' }, 7, 0)).toBe(3);
    expect(partitionFor(EMPTY_DRAFT, 4, 0.99)).toBe(3);
  });

  it('tells no key from an empty one', () => {
    expect(toMessage({ ...EMPTY_DRAFT, body: 'x' })).toEqual({ body: 'x' });
    expect(toMessage({ ...EMPTY_DRAFT, hasKey: true })).toEqual({ key: '', body: '' });
  });

  it('has a number of its own', () => {
    const id = BigInt(newProducerId());
    expect(id > 0n && id < 1n << 63n).toBe(true);
  });
});
