import { describe, expect, it } from 'vitest';

import { type Place, SNIPPETS, snippetOf, TOKEN_FILE } from './snippets';

const place: Place = {
  topic: 'shop.orders',
  servers: ['a:9500', 'b:9500'],
  origin: 'https://mq.example',
  isOpen: false,
};

describe('snippets', () => {
  it.each(SNIPPETS)('of %s name the topic, and the token only where there is one', (kind) => {
    expect(snippetOf(kind, place)).toContain('shop.orders');
    expect(snippetOf(kind, place)).toContain(TOKEN_FILE);
    expect(snippetOf(kind, { ...place, isOpen: true })).not.toContain(TOKEN_FILE);
  });

  it('lead to the right place', () => {
    expect(snippetOf('cpp', place)).toContain('{"a:9500", "b:9500"}');
    expect(snippetOf('python', place)).toContain('"https://mq.example/api/v1/messages"');
    expect(snippetOf('shell', place)).toBe(
      `echo hello | lanemq -b a:9500,b:9500 --token-file ${TOKEN_FILE} produce shop.orders -k me\n`,
    );
  });

  it('cannot be broken out of by a name', () => {
    expect(snippetOf('python', { ...place, topic: 'a"); x("' })).toContain('"a\\"); x(\\""');
  });
});
