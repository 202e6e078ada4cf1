import { expect, test } from 'vitest';

import { peekRequest } from './peek';

test('peek is asked for by the team that one leads, or by the first', () => {
  const seats = [
    { team: 'pay', role: 'member' },
    { team: 'shop', role: 'lead' },
  ];
  expect(peekRequest('a.b', seats)).toBe('/requests/new?kind=put_grant&name=a.b&principal=team%3Ashop&adds=peek');
  expect(peekRequest('a.b', seats.slice(0, 1))).toContain('principal=team%3Apay');
  expect(peekRequest('a.b')).toBe('/requests/new?kind=put_grant&name=a.b&adds=peek');
});
