import { describe, expect, test } from 'vitest';

import {
  addressFrom,
  addressOf,
  type DataNode,
  engineOf,
  healthOf,
  stateOf,
  STATES,
  tablesFree,
  withHealth,
  worriesOf,
} from './node';

const node = (values: Partial<DataNode> = {}): DataNode => ({
  node_id: '1',
  name: 'db1',
  host: '10.0.0.1',
  port: 3306,
  schema_prefix: 'lanemq',
  state: 'WRITABLE',
  ...values,
});

test('every state has words', () => {
  for (const state of STATES) expect(stateOf(state)?.text).toBeTruthy();
});

test('free tables, as far as that is known', () => {
  expect(tablesFree(node())).toBeNull();
  expect(tablesFree(node({ schemas_max: 10, tables_per_schema_max: 99, tables_used: 90 }))).toBe(900);
  expect(tablesFree(node({ schemas_max: 1, tables_per_schema_max: 1, tables_used: 3 }))).toBe(0);
});

describe('healthOf', () => {
  test('what was not asked is not known', () => expect(healthOf(node())).toBeNull());
  test('unreachable counts more than anything', () => {
    expect(healthOf(node({ is_reachable: false, warnings: ['x'] }))?.text).toBe('admin.unreachable');
  });
  test('a node that loses commits is to be looked at', () => {
    expect(healthOf(node({ is_reachable: true, flush_log_at_trx_commit: 1, sync_binlog: 1 }))?.tone).toBe('good');
    expect(healthOf(node({ is_reachable: true, flush_log_at_trx_commit: 2 }))?.tone).toBe('warn');
    expect(healthOf(node({ is_reachable: true, warnings: ['the clock is ahead'] }))?.tone).toBe('warn');
  });
});

test("worries have the server's words and ours", () => {
  const worries = worriesOf(
    node({ is_read_only: true, missing_rights: ['CREATE'], warnings: ['old'], sync_binlog: 0 }),
  );
  expect(worries).toEqual({ texts: ['old'], keys: ['admin.binlogLoses', 'admin.isReadOnly', 'admin.rightsMissing'] });
});

test('addresses, also of IPv6, and 3306 where nothing is said', () => {
  expect(addressFrom('db2.example:3307')).toEqual({ host: 'db2.example', port: 3307 });
  expect(addressFrom(' db2 ')).toEqual({ host: 'db2', port: 3306 });
  expect(addressFrom('[::1]:3306')).toEqual({ host: '::1', port: 3306 });
  for (const wrong of ['', 'a b', 'db:0', 'db:99999', '::1', 'db:x']) expect(addressFrom(wrong)).toBeNull();
  expect(addressOf({ host: '::1', port: 1 })).toBe('[::1]:1');
});

test('health is put to the list, but never over what the list says', () => {
  const merged = withHealth([node({ state: 'CLOSED' })], [node({ is_reachable: true, state: 'WRITABLE' })]);
  expect(merged?.[0]).toMatchObject({ state: 'CLOSED', is_reachable: true });
  expect(withHealth([node()], undefined)).toHaveLength(1);
  expect(withHealth(undefined, [])).toBeUndefined();
});

test('an engine by its version, without what the packager says', () => {
  expect(engineOf(node({ engine_version: 'MariaDB 10.11.14-MariaDB-0+deb12u1-log' }))).toBe('MariaDB 10.11.14');
  expect(engineOf(node({ engine_version: 'strange' }))).toBe('strange');
  expect(engineOf(node())).toBe('');
});
