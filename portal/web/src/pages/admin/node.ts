/** Data nodes: what state one is in, what of it is used, and what is wrong with it. */
import type { Schemas } from '@/api/client';
import type { Key } from '@/i18n/translate';
import type { Tone } from '@/ui/Badge';

export type DataNode = Schemas['DataNode'];
export type NodeState = DataNode['state'];

export const STATES: readonly NodeState[] = ['WRITABLE', 'CLOSED', 'DISABLED'];

const states: Record<NodeState, { tone: Tone; text: Key; why: Key }> = {
  WRITABLE: { tone: 'good', text: 'admin.writable', why: 'admin.writableWhy' },
  CLOSED: { tone: 'warn', text: 'admin.closed', why: 'admin.closedWhy' },
  DISABLED: { tone: 'quiet', text: 'admin.disabled', why: 'admin.disabledWhy' },
};

export const stateOf = (state: NodeState) => states[state] ?? null;

/** Tables that it may have; null: the answer does not say. */
export function tablesMax(node: DataNode): number | null {
  const { schemas_max: schemas, tables_per_schema_max: tables } = node;
  return schemas === undefined || tables === undefined ? null : schemas * tables;
}

export const tablesFree = (node: DataNode): number | null => {
  const max = tablesMax(node);
  return max === null || node.tables_used === undefined ? null : Math.max(max - node.tables_used, 0);
};

/** Everything that is against what it should be; the texts of the server first. */
export interface Worries {
  texts: string[];
  keys: Key[];
}

export function worriesOf(node: DataNode): Worries {
  const keys: Key[] = [];
  if (node.flush_log_at_trx_commit !== undefined && node.flush_log_at_trx_commit !== 1) keys.push('admin.losesOnCrash');
  if (node.sync_binlog !== undefined && node.sync_binlog !== 1) keys.push('admin.binlogLoses');
  if (node.is_read_only) keys.push('admin.isReadOnly');
  const missing = (node.missing_rights ?? []).length > 0;
  if (missing) keys.push('admin.rightsMissing');
  return { texts: node.warnings ?? [], keys };
}

/** One word for a list: whether it answers, and whether somebody should look. */
export function healthOf(node: DataNode): { tone: Tone; text: Key } | null {
  if (node.is_reachable === undefined) return null;
  if (!node.is_reachable) return { tone: 'bad', text: 'admin.unreachable' };
  const { texts, keys } = worriesOf(node);
  return texts.length + keys.length > 0
    ? { tone: 'warn', text: 'admin.look' }
    : { tone: 'good', text: 'admin.healthy' };
}

/** "db2.example:3306" or "[::1]:3306" -> host and port; null: neither. */
export function addressFrom(text: string): { host: string; port: number } | null {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+)(?::(\d{1,5}))?$/.exec(text.trim());
  if (!match) return null;
  const port = match[2] === undefined ? 3306 : Number(match[2]);
  if (port < 1 || port > 65_535) return null;
  return { host: (match[1] as string).replace(/^\[|\]$/g, ''), port };
}

export const addressOf = (node: { host: string; port: number }) =>
  node.host.includes(':') ? `[${node.host}]:${node.port}` : `${node.host}:${node.port}`;

/** Health is read apart, since it may take long: put to the list as it comes. */
export function withHealth(nodes: DataNode[] | undefined, healthy: DataNode[] | undefined): DataNode[] | undefined {
  if (!nodes || !healthy) return nodes;
  const known = new Map(healthy.map((node) => [node.name, node]));
  // What the list says is newer: the state, say.
  return nodes.map((node) => ({ ...known.get(node.name), ...node }));
}

/** "MariaDB 10.11.14-MariaDB-0+deb12u1-log" -> "MariaDB 10.11.14". */
export const engineOf = (node: DataNode): string =>
  /^\S+ [\d.]+/.exec(node.engine_version ?? '')?.[0] ?? node.engine_version ?? '';
