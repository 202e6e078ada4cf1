import { describe, expect, test } from 'vitest';

import { alike, chosenOf, differing, foundSettings, serversOf, type Setting } from './servers';

const broker = (id: number, state: 'ACTIVE' | 'DRAINING' | 'DEAD') => ({
  broker_id: id,
  host: 'b',
  port: 9300 + id,
  state,
});

test('metaservers come first, and what is dead is not asked', () => {
  expect(
    serversOf({
      version: '1',
      is_unchanged: false,
      metaservers: [{ host: 'm', port: 9600 }],
      brokers: [broker(1, 'ACTIVE'), broker(2, 'DEAD'), broker(3, 'DRAINING')],
    }),
  ).toEqual([{ address: 'm:9600' }, { address: 'b:9301', broker: 1 }, { address: 'b:9303', broker: 3 }]);
  expect(serversOf({ version: '1', is_unchanged: true })).toEqual([]);
});

test('a server that is gone is not the chosen one', () => {
  const servers = [{ address: 'm:1' }, { address: 'b:2', broker: 2 }];
  expect(chosenOf(servers, 'b:2')?.broker).toBe(2);
  expect(chosenOf(servers, 'b:9')?.address).toBe('m:1');
  expect(chosenOf([], 'b:9')).toBeUndefined();
});

const setting = (name: string, is_given: boolean, description = '', value = 'v1'): Setting => ({
  name,
  value,
  default_value: '',
  is_given,
  description,
});

test('brokers are compared with brokers', () => {
  const servers = [{ address: 'm:1' }, { address: 'b:2', broker: 2 }, { address: 'b:3', broker: 3 }];
  expect(alike(servers, 'b:3').map((one) => one.address)).toEqual(['b:2', 'b:3']);
  expect(alike(servers, 'm:1').map((one) => one.address)).toEqual(['m:1']);
});

test('what differs is told with who has what; what one has alone does not differ', () => {
  const found = differing([
    { address: 'b1', settings: [setting('id', true, '', '1'), setting('same', false), setting('rare', true)] },
    { address: 'b2', settings: [setting('id', true, '', '2'), setting('same', true)] },
  ]);
  expect([...found]).toEqual([
    [
      'id',
      [
        ['b1', '1'],
        ['b2', '2'],
      ],
    ],
  ]);
});

describe('foundSettings', () => {
  const settings = [setting('sql-timeout-ms', true, 'Longest one database call'), setting('listen', false)];
  const names = (text: string, isGivenAlone = false) =>
    foundSettings(settings, text, isGivenAlone).map((one) => one.name);

  test('every word counts, wherever it stands', () => {
    expect(names('')).toEqual(['sql-timeout-ms', 'listen']);
    expect(names('  TIMEOUT database ')).toEqual(['sql-timeout-ms']);
    expect(names('v1 listen')).toEqual(['listen']);
    expect(names('timeout listen')).toEqual([]);
  });
  test('defaults can be left out', () => expect(names('', true)).toEqual(['sql-timeout-ms']));
});
