/** Grants: what each kind of thing can be granted, and how a grant is said. */
import type { Schemas } from '@/api/client';

export type Grant = Schemas['Grant'];
export type Kind = 'topic' | 'group';

export const ACTIONS: Record<Kind, readonly string[]> = {
  topic: ['describe', 'produce', 'consume', 'peek', 'manage'],
  group: ['describe', 'consume', 'manage'],
};

export const kindOf = (text: string): Kind => (text === 'group' ? 'group' : 'topic');

/** "orders.*" when it is about all names that begin so. */
export const objectOf = (grant: Grant): string => (grant.is_prefix ? `${grant.name}*` : grant.name);

/** "orders.*" -> a prefix; a star elsewhere is part of no name, and the server says so. */
export function objectFrom(text: string): { name: string; is_prefix: boolean } {
  const trimmed = text.trim();
  return trimmed.endsWith('*') ? { name: trimmed.slice(0, -1), is_prefix: true } : { name: trimmed, is_prefix: false };
}

export const isPrincipal = (text: string): boolean => /^(service|team):[a-z][a-z0-9._-]{0,99}$/.test(text);

/** In the order that the kind has them, and no others. */
export const actionsOf = (kind: Kind, chosen: Iterable<string>): string[] => {
  const wanted = new Set(chosen);
  return ACTIONS[kind].filter((action) => wanted.has(action));
};

export const DAY_US = 86_400_000_000n;

/** In µs; absent: it does not end. `days` empty: as `kept` has it. */
export function endIn(days: string, nowMs: number, kept?: string): string | undefined {
  if (days === 'keep') return kept;
  return days === '' ? undefined : String(BigInt(nowMs) * 1_000n + BigInt(days) * DAY_US);
}
