/** Searching the audit log: what the URL says, as the API wants it; and reading all of it for an export. */
import type { Schemas } from '@/api/client';
import { toBig } from '@/lib/format';

export type AuditEvent = Schemas['AuditEvent'];
export type AuditPage = Schemas['SearchAuditResponse'] & { next_cursor?: string };

export const URL_STATE = {
  actor: '',
  kind: '',
  name: '',
  action: '',
  result: '',
  source: '',
  /** "24h", "7d": so long ago; "custom": `from` and `until` count; empty: all of it. */
  since: '24h',
  from: '',
  until: '',
  cursor: '',
  at: 0,
};
export type AuditState = {
  -readonly [K in keyof typeof URL_STATE]: (typeof URL_STATE)[K] extends number ? number : string;
};

export const RANGES = ['1h', '24h', '7d', '30d', '', 'custom'] as const;
const UNIT_MS: Record<string, number> = { h: 3_600_000, d: 86_400_000 };
const MINUTE_MS = 60_000;

/** "7d" -> milliseconds; null for what is no such span. */
export function spanOf(text: string): number | null {
  const match = /^(\d{1,5})([hd])$/.exec(text);
  return match ? Number(match[1]) * (UNIT_MS[match[2] as string] as number) : null;
}

const usOf = (iso: string) => {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : `${ms}000`;
};

/** Whole minutes, so that a refresh within one asks the same. */
export function rangeOf(state: Pick<AuditState, 'since' | 'from' | 'until'>, nowMs: number) {
  const span = spanOf(state.since);
  if (span !== null) return { from_us: `${Math.floor((nowMs - span) / MINUTE_MS) * MINUTE_MS}000` };
  if (state.since !== 'custom') return {};
  const from_us = usOf(state.from);
  const until_us = usOf(state.until);
  return { ...(from_us && { from_us }), ...(until_us && { until_us }) };
}

/** The API's parameters; those that are empty are left out. */
export function queryOf(state: AuditState, nowMs: number) {
  const { actor, kind, name, action, result, source } = state;
  return {
    ...(actor && { actor }),
    ...(kind && { object_kind: kind }),
    ...(name && { object_name: name }),
    ...(action && { action }),
    ...(result && { result }),
    ...(source && { source }),
    ...rangeOf(state, nowMs),
  };
}

/** The same search on the command line. */
export function flagsOf(state: AuditState): string[] {
  const flag = (name: string, value: string) => (value ? [name, value] : []);
  const span = spanOf(state.since) === null ? '' : `-${state.since}`;
  const isCustom = state.since === 'custom';
  return [
    ...flag('--actor', state.actor),
    ...flag('--kind', state.kind),
    ...flag('--name', state.name),
    ...flag('--action', state.action),
    ...(state.result === 'denied' ? ['--denied'] : []),
    ...flag('--source', state.source),
    ...flag('--since', isCustom ? state.from : span),
    ...flag('--until', isCustom ? state.until : ''),
  ];
}

/** An instant as a field of the browser has it, "2026-11-23T01:29", in the clock that is shown everywhere. */
export function toField(iso: string, clock: 'local' | 'utc'): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return '';
  const shift = clock === 'utc' ? 0 : new Date(ms).getTimezoneOffset() * MINUTE_MS;
  return new Date(ms - shift).toISOString().slice(0, 16);
}

export function fromField(text: string, clock: 'local' | 'utc'): string {
  const ms = Date.parse(clock === 'utc' ? `${text}Z` : text);
  return Number.isNaN(ms) ? '' : `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

/** Unique over all logs: ids count for their source alone. */
export const keyOf = (event: AuditEvent) => `${event.source_node ?? ''} ${event.id}`;

export const EXPORT_MAX = 50_000;

export interface Exported {
  events: AuditEvent[];
  unreachable: string[];
  /** There is more than EXPORT_MAX. */
  isCut: boolean;
}

/** All pages, one after the other. `tell` gets the count after each page. */
export async function readAll(
  readPage: (cursor: string) => Promise<AuditPage>,
  tell: (count: number) => void,
  max = EXPORT_MAX,
): Promise<Exported> {
  const events: AuditEvent[] = [];
  const unreachable = new Set<string>();
  let cursor = '';
  do {
    const page = await readPage(cursor);
    events.push(...page.events);
    for (const node of page.unreachable ?? []) unreachable.add(node);
    const next = page.next_cursor ?? '';
    // A node that does not answer keeps its place: without anything new its page comes for ever.
    if (next === cursor || (page.events.length === 0 && unreachable.size > 0)) break;
    cursor = next;
    tell(events.length);
  } while (cursor !== '' && events.length < max);
  const isCut = cursor !== '' && events.length >= max;
  return { events: events.slice(0, max), unreachable: [...unreachable].sort(), isCut };
}

/** One object a line, as the API tells it. */
export const toLines = (events: AuditEvent[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');

/** Newest last: what the name of the file says. */
export function fileName(events: AuditEvent[]): string {
  const first = toBig(events[0]?.at_us);
  const day = first === null ? 'empty' : new Date(Number(first / 1_000n)).toISOString().slice(0, 10);
  return `audit-${day}.jsonl`;
}
