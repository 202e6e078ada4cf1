/** A message that somebody writes by hand. */
import type { Schemas } from '@/api/client';

import { partitionOfKey } from './partitioner';

export interface Draft {
  /** "key": where clients put the key; "-1" never. A number: there. */
  partition: string;
  hasKey: boolean;
  key: string;
  body: string;
  /** "name: value", one a line. */
  headers: string;
  /** Text of a time: "5min"; empty: at once. */
  delay: string;
}

export const EMPTY_DRAFT: Draft = { partition: 'key', hasKey: false, key: '', body: '', headers: '', delay: '' };

/** Null: some line has no colon, or no name. */
export function parseHeaders(text: string): Schemas['Header'][] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim();
    return name === '' ? null : { name, value: line.slice(colon + 1).trim() };
  });
  return headers.every((header) => header !== null) ? headers : null;
}

/** Without a key: any, by the number that is given. */
export function partitionFor(draft: Draft, partitions: number, random: number): number {
  if (draft.partition !== 'key') return Number(draft.partition);
  if (draft.hasKey) return partitionOfKey(new TextEncoder().encode(draft.key), partitions);
  return Math.floor(random * partitions);
}

export function toMessage(draft: Draft): Schemas['Message'] {
  const headers = parseHeaders(draft.headers) ?? [];
  return { ...(draft.hasKey && { key: draft.key }), body: draft.body, ...(headers.length > 0 && { headers }) };
}

/** 63 random bits: with it, a message that is sent again after a lost answer is stored once. */
export function newProducerId(): string {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  const id = (BigInt(high & 0x7fffffff) << 32n) | BigInt(low);
  return (id === 0n ? 1n : id).toString();
}
