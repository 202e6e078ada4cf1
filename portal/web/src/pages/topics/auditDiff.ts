/** What an event of the audit log changed: fields with what they were and what they became. */
import type { Schemas } from '@/api/client';

export interface Difference {
  /** "config.retention.ms"; empty: the whole thing. */
  field: string;
  before: string | null;
  after: string | null;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function parsed(text: string | undefined): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const shown = (value: unknown): string | null =>
  value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);

function walk(field: string, before: unknown, after: unknown, out: Difference[]): void {
  const isTree = (isObject(before) || before === undefined) && (isObject(after) || after === undefined);
  if (isTree && (isObject(before) || isObject(after)) && !Array.isArray(before) && !Array.isArray(after)) {
    const old = (before ?? {}) as Record<string, unknown>;
    const now = (after ?? {}) as Record<string, unknown>;
    for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
      walk(field === '' ? name : `${field}.${name}`, old[name], now[name], out);
    }
    return;
  }
  if (shown(before) !== shown(after)) out.push({ field, before: shown(before), after: shown(after) });
}

export function differencesOf(event: Schemas['AuditEvent']): Difference[] {
  const out: Difference[] = [];
  walk('', parsed(event.before_json), parsed(event.after_json), out);
  return out;
}
