import { expect, it } from 'vitest';

import { prettyJson } from './prettyJson';

it('breaks lines and changes nothing else', () => {
  expect(prettyJson('{"id":9007199254740993,"price":1.10,"tags":["a,b","{\\"x\\":1}"],"none":{},"list":[ ]}')).toBe(
    [
      '{',
      '  "id": 9007199254740993,',
      '  "price": 1.10,',
      '  "tags": [',
      '    "a,b",',
      '    "{\\"x\\":1}"',
      '  ],',
      '  "none": {},',
      '  "list": []',
      '}',
    ].join('\n'),
  );
});

it('is as JSON.stringify where numbers are small', () => {
  const value = { a: [1, { b: null, c: [true, 'x\ny'] }], d: [[], [[]]] };
  expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
});

it('leaves alone what is no JSON, or one value', () => {
  for (const text of ['hello', '{"a":', '42', '"text"', '']) expect(prettyJson(text)).toBeNull();
});
