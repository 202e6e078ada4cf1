import { expect, test } from 'vitest';

import { matchPath, pathTo } from './location';
import { changedSearch, parseState } from './urlState';

const defaults = { q: '', limit: 50, isOn: false };

test('what the URL says counts, what it says wrongly does not', () => {
  expect(parseState('?q=pay%20ments&limit=20&isOn=true', defaults)).toEqual({ q: 'pay ments', limit: 20, isOn: true });
  expect(parseState('?limit=many', defaults)).toEqual(defaults);
  expect(parseState('?limit=', defaults)).toEqual(defaults);
});

test('defaults are left out of the URL, and other parameters are left in', () => {
  expect(changedSearch('?tab=x', defaults, { q: 'a&b' })).toBe('?tab=x&q=a%26b');
  expect(changedSearch('?q=a&limit=20', defaults, { q: '', limit: 50 })).toBe('');
});

test('names of any kind go into a path and come back', () => {
  for (const name of ['orders', 'a.b', 'a b/c', '50%', '主题']) {
    expect(matchPath('/topics/:name', pathTo('/topics/:name', { name }))).toEqual({ name });
  }
});

test('a path is the whole path', () => {
  expect(matchPath('/topics/:name', '/topics')).toBeNull();
  expect(matchPath('/topics/:name', '/topics/a/b')).toBeNull();
  expect(matchPath('/topics', '/topics/')).toEqual({});
  expect(matchPath('/', '/')).toEqual({});
  expect(matchPath('/topics/:name', '/topics/%E0%A4%A')).toBeNull();
});
