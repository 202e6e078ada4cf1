import { expect, test } from 'vitest';

import { navigation, subpages } from './navigation';
import { routes } from './routes';

const found = [...navigation, ...subpages].map(({ to }) => to);

test('every page that needs no name is found by its own', () => {
  const pages = routes.map(({ path }) => path).filter((path) => !path.includes(':'));
  expect(pages.filter((path) => !found.includes(path))).toEqual([]);
});

test('what is found is there, and once', () => {
  const paths = routes.map(({ path }) => path);
  expect(found.filter((path) => !paths.includes(path))).toEqual([]);
  expect(found.length).toBe(new Set(found).size);
});

test('each key goes to one page', () => {
  expect(new Set(navigation.map(({ key }) => key)).size).toBe(navigation.length);
});
