import { expect, test } from 'vitest';

import { en } from './en';
import { fill, translate } from './translate';
import { zh } from './zh';

const texts = (dictionary: object) =>
  Object.entries(dictionary).flatMap(([area, all]) =>
    Object.entries(all as Record<string, string>).map(([key, text]): [string, string] => [`${area}.${key}`, text]),
  );
// Of a word that is chosen by a number, that number need not stand in the other language.
const names = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]))].sort();

test('both languages say the same things with the same values', () => {
  const chinese = new Map(texts(zh));
  for (const [key, text] of texts(en)) {
    expect(names(chinese.get(key) ?? '(missing)'), key).toEqual(names(text));
  }
  expect([...chinese.keys()].sort()).toEqual(
    texts(en)
      .map(([key]) => key)
      .sort(),
  );
});

test('Chinese sentences have Chinese punctuation', () => {
  for (const [key, text] of texts(zh)) expect(text, key).not.toMatch(/[\u4e00-\u9fff][,;:?!]/);
});

test('values are filled in, and one is not many', () => {
  expect(fill('{n} {n:topic|topics}', { n: 1 })).toBe('1 topic');
  expect(fill('{n} {n:topic|topics}', { n: '1,000' })).toBe('1,000 topics');
  expect(fill('{missing}', {})).toBe('{missing}');
  expect(translate('zh', 'common.requestId', { id: 'r1' })).toBe('请求 r1');
});
