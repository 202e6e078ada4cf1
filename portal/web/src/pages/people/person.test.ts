import { expect, test } from 'vitest';

import { faultOf, makePassword, stateOf, toSend } from './person';

test('what keeps somebody out, the strongest first', () => {
  const now = 1_000_000;
  expect(stateOf({ name: 'a' }, now)).toBeNull();
  expect(stateOf({ name: 'a', must_change_password: true }, now)?.text).toBe('people.mustChange');
  expect(stateOf({ name: 'a', must_change_password: true, locked_until_us: '1000000001' }, now)?.text).toBe(
    'people.locked',
  );
  expect(stateOf({ name: 'a', locked_until_us: '1000000000' }, now)).toBeNull();
  expect(stateOf({ name: 'a', disabled: true, locked_until_us: '9000000000' }, now)?.text).toBe('people.disabled');
});

test('only what may be set is sent, and empty texts are absent', () => {
  const told = {
    name: 'a',
    email: '',
    display_name: 'Ann',
    created_at_us: '5',
    must_change_password: true,
    disabled: false,
  };
  expect(toSend(told)).toEqual({ name: 'a', display_name: 'Ann', role: 'viewer' });
});

test('a password that was made up is long, and no letter is likelier than another', () => {
  const password = makePassword();
  expect(password).toMatch(/^([a-zA-Z2-9]{5}-){4}[a-zA-Z2-9]{5}$/);
  expect(makePassword()).not.toBe(password);
  // 255 would be the first letters again: it is not used.
  const bytes = [255, 0];
  let at = 0;
  expect(makePassword((into) => into.map(() => bytes[at++ % 2] as number))).toBe('aaaaa-aaaaa-aaaaa-aaaaa-aaaaa');
});

test('passwords are counted in bytes', () => {
  expect(faultOf('short', 'short')).toBe('people.passwordRule');
  expect(faultOf('密码密码', '密码密码')).toBeNull();
  expect(faultOf('x'.repeat(257), 'x'.repeat(257))).toBe('people.passwordRule');
  expect(faultOf('x'.repeat(12), 'y'.repeat(12))).toBe('people.notTheSame');
});
