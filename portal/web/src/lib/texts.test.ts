import { expect, test } from 'vitest';

import { commandLine } from './clipboard';
import { toCsv } from './csv';
import { toYaml } from './yaml';

test('YAML is what it was, also where it looks like something else', () => {
  const value = { name: 'orders', on: 'yes', number: '042', empty: '', nothing: null, none: [], gone: undefined };
  expect(toYaml(value)).toBe('name: orders\n"on": "yes"\nnumber: "042"\nempty: ""\nnothing: null\nnone: []\n');
  expect(toYaml([{ a: 1, b: [2, 'x: y'] }, 'z'])).toBe('- a: 1\n  b:\n    - 2\n    - "x: y"\n- z\n');
});

test('cells with commas, quotes and formulas stay one cell of text', () => {
  expect(
    toCsv(
      ['a', 'b'],
      [
        ['x,y', 'say "hi"'],
        ['=1+1', '-5'],
      ],
    ),
  ).toBe('a,b\r\n"x,y","say ""hi"""\r\n\'=1+1,-5\r\n');
});

test('command lines can be pasted whatever the names are', () => {
  expect(commandLine('topic', 'describe', 'a.b-c')).toBe('lanemq topic describe a.b-c');
  expect(commandLine('topic', 'describe', "it's; rm")).toBe("lanemq topic describe 'it'\\''s; rm'");
});
