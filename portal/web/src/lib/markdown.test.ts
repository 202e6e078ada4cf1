import { describe, expect, it } from 'vitest';

import { blocksOf, inlineOf, isMoreThanSummary, summaryOf } from './markdown';

describe('inline', () => {
  it('knows code, weight and links', () => {
    expect(inlineOf('a `b*c*` **d** *e* [f](/topics/f).')).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'code', text: 'b*c*' },
      { kind: 'text', text: ' ' },
      { kind: 'strong', text: 'd' },
      { kind: 'text', text: ' ' },
      { kind: 'em', text: 'e' },
      { kind: 'text', text: ' ' },
      { kind: 'link', text: 'f', to: '/topics/f' },
      { kind: 'text', text: '.' },
    ]);
  });
  it('finds bare addresses, without the end of the sentence', () => {
    expect(inlineOf('see https://wiki.example/orders?a=1.')).toContainEqual({
      kind: 'link',
      text: 'https://wiki.example/orders?a=1',
      to: 'https://wiki.example/orders?a=1',
    });
  });
  it('makes no link of what is not an address of the web or of the portal', () => {
    for (const to of ['javascript:alert(1)', '//evil.example', 'data:text/html,x', 'JAVASCRIPT:x']) {
      expect(inlineOf(`[press](${to})`).map(({ kind }) => kind)).not.toContain('link');
    }
  });
  it('leaves stars and brackets that mark nothing', () => {
    expect(inlineOf('2 * 3 * 4 [x]')).toEqual([{ kind: 'text', text: '2 * 3 * 4 [x]' }]);
  });
});

describe('blocks', () => {
  it('are paragraphs, headings, lists and code', () => {
    const text =
      '# Orders\nPaid ones,\nonce each.\n\n- key: the customer\n  and the shop\n- body: JSON\n\n1. one\n2) two\n```\na\n\nb\n```\nend';
    expect(blocksOf(text)).toEqual([
      { kind: 'heading', of: [{ kind: 'text', text: 'Orders' }] },
      { kind: 'text', of: [{ kind: 'text', text: 'Paid ones, once each.' }] },
      {
        kind: 'list',
        isOrdered: false,
        items: [[{ kind: 'text', text: 'key: the customer and the shop' }], [{ kind: 'text', text: 'body: JSON' }]],
      },
      { kind: 'list', isOrdered: true, items: [[{ kind: 'text', text: 'one' }], [{ kind: 'text', text: 'two' }]] },
      { kind: 'code', text: 'a\n\nb' },
      { kind: 'text', of: [{ kind: 'text', text: 'end' }] },
    ]);
  });
  it('end with the text, also where code is not closed', () => {
    expect(blocksOf('```\na')).toEqual([{ kind: 'code', text: 'a' }]);
    expect(blocksOf('')).toEqual([]);
    expect(blocksOf('#')).toEqual([{ kind: 'text', of: [{ kind: 'text', text: '#' }] }]);
  });
});

describe('summary', () => {
  it('is the first of it, without marks', () => {
    expect(summaryOf('## **Paid** orders\n\nmore')).toBe('Paid orders');
    expect(summaryOf('- one\n- two')).toBe('one');
    expect(summaryOf(undefined)).toBe('');
  });
  it('is all there is of one plain line', () => {
    expect(isMoreThanSummary('Paid orders')).toBe(false);
    expect(isMoreThanSummary('Paid orders\n\nOne each.')).toBe(true);
    expect(isMoreThanSummary('see https://wiki.example')).toBe(true);
    expect(isMoreThanSummary('see [the wiki](https://wiki.example)')).toBe(true);
    expect(isMoreThanSummary(undefined)).toBe(false);
  });
});
