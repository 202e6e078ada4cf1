import { describe, expect, it } from 'vitest';

import { makeMatcher } from './match';
import type { Message } from './message';

const message: Message = {
  partition: 0,
  offset: 1n,
  atUs: '1',
  key: { text: 'Customer-7' },
  body: { text: '{"total": 12}' },
  headers: [
    { name: 'Trace', value: { text: 'abc=1' } },
    { name: 'raw', value: { base64: '/w==' } },
  ],
  codec: 0,
  isHidden: false,
};
const hits = (q: string, place: Parameters<typeof makeMatcher>[1]) => makeMatcher(q, place)(message);

describe('the search', () => {
  it('looks where it shall, whatever the case', () => {
    expect(hits('customer', 'key')).toBe(true);
    expect(hits('customer', 'body')).toBe(false);
    expect(hits('TOTAL', 'any')).toBe(true);
    expect(hits('nowhere', 'any')).toBe(false);
    expect(hits(' ', 'key')).toBe(true);
  });

  it('takes name=value for a header of that name', () => {
    expect(hits('trace=abc', 'header')).toBe(true);
    expect(hits('trac=abc', 'header')).toBe(false);
    expect(hits('trace=', 'any')).toBe(true);
    expect(hits('raw=x', 'header')).toBe(false);
  });

  it('does not find what is absent', () => {
    expect(makeMatcher('a', 'any')({ ...message, key: null, body: null, headers: [] })).toBe(false);
  });
});
