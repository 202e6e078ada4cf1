import { expect, test } from 'vitest';

import { writeQuery } from './client';
import { listQuery } from './list';
import { ApiError, asApiError, errorOf } from './problem';

const response = (status: number) => ({ status, headers: new Headers({ 'x-request-id': 'from-header' }) });

test('a problem is taken over whole', () => {
  const said = {
    status: 409,
    code: 'CONFLICT',
    detail: 'changed',
    request_id: 'r1',
    faults: [{ pointer: '/a', detail: 'bad' }],
  };
  const error = errorOf(response(409), said);
  expect([error.code, error.message, error.requestId, error.faultOf('/a')]).toEqual([
    'CONFLICT',
    'changed',
    'r1',
    'bad',
  ]);
  expect(error.toText()).toContain('request r1');
});

test('an answer of something else in between still has a status and a request', () => {
  for (const body of ['<html>bad gateway</html>', undefined, null, 7, []]) {
    const error = errorOf(response(502), body);
    expect([error.status, error.code, error.requestId, error.isPassing]).toEqual([
      502,
      'HTTP_502',
      'from-header',
      true,
    ]);
  }
});

test('only what may pass is tried again', () => {
  const passes = [0, 400, 401, 403, 404, 409, 429, 500, 501, 502, 503, 504].filter(
    (status) => new ApiError(status, 'X', 'y').isPassing,
  );
  expect(passes).toEqual([0, 429, 502, 503, 504]);
});

test('no answer is an error of its own, an abort is none', () => {
  expect(asApiError(new TypeError('Failed to fetch'))).toMatchObject({ status: 0, code: 'UNREACHABLE' });
  const abort = new DOMException('', 'AbortError');
  expect(asApiError(abort)).toBe(abort);
});

test('a list is asked for with its page, order and filters', () => {
  const wish = { limit: 50, cursor: '', sort: '-name', filters: { name: 'a*', state: '', kind: '**' } };
  expect(writeQuery({ ...listQuery(wish) })).toBe('limit=50&sort=-name&filter=name%3Aa*');
  const two = listQuery({ ...wish, filters: { name: 'a,b', state: 'x' } });
  expect(writeQuery({ ...two })).toBe('limit=50&sort=-name&filter=name%3Aa%2Cb&filter=state%3Ax');
  expect(writeQuery({ states: ['draft', 'pending'], author: undefined })).toBe('states=draft%2Cpending');
});
