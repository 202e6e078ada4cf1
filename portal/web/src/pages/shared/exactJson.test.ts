import { expect, test } from 'vitest';

import { parseExact } from './exactJson';

test('integers that would be rounded stay text, others are numbers', () => {
  expect(parseExact('{"a":9007199254740993,"b":-9223372036854775808,"c":1763863770000000,"d":1.5}')).toEqual({
    a: '9007199254740993',
    b: '-9223372036854775808',
    c: 1763863770000000,
    d: 1.5,
  });
});

test('digits within texts are left alone', () => {
  expect(parseExact('{"a \\"9007199254740993":"9007199254740993 \\\\"}')).toEqual({
    'a "9007199254740993': '9007199254740993 \\',
  });
});

test('what is no JSON is nothing', () => {
  expect(parseExact(undefined)).toBeUndefined();
  expect(parseExact('')).toBeUndefined();
  expect(parseExact('{"a":')).toBeUndefined();
});
