import { describe, expect, it } from 'vitest';

import { headersText, parseHeaders, payloadOf, pretty } from './payload';

describe('payloads', () => {
  it('are told by what they are', () => {
    expect(payloadOf(undefined, undefined).kind).toBe('none');
    expect(payloadOf('', undefined)).toEqual({ kind: 'text', text: '' });
    expect(payloadOf('{"a":1}', undefined)).toEqual({ kind: 'json', text: '{\n  "a": 1\n}' });
    expect(payloadOf('{"a":', undefined)).toEqual({ kind: 'text', text: '{"a":' });
    expect(payloadOf(undefined, '/w==')).toEqual({ kind: 'binary', text: '/w==' });
  });
});

describe('pretty', () => {
  it('changes spaces alone', () => {
    const json = '{"id":9007199254740993,"id":1.0,"s":"a, {b}: \\"c\\"","e":{},"l":[1,[],"x"]}';
    const text = pretty(json);
    expect(text).toContain('"id": 9007199254740993,\n  "id": 1.0');
    expect(text).toContain('"s": "a, {b}: \\"c\\""');
    expect(text).toContain('"e": {},');
    expect(JSON.parse(text)).toEqual(JSON.parse(json));
  });
});

describe('headers', () => {
  it('are lines', () => {
    const headers = [
      { name: 'currency', value: 'EUR' },
      { name: 'at', value: '12:30' },
    ];
    expect(parseHeaders(headersText(headers))).toEqual(headers);
    expect(parseHeaders('\n')).toEqual([]);
    expect(parseHeaders('no colon')).toBeNull();
    expect(parseHeaders(': empty')).toBeNull();
  });
});
