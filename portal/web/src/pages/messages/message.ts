/** A message as these pages use it. */
import type { Schemas } from '@/api/client';
import { toBig } from '@/lib/format';

import { type Payload, payloadOf, sizeOf } from './payload';

export interface Header {
  name: string;
  value: Payload;
}

export interface Message {
  partition: number;
  offset: bigint;
  atUs: string;
  key: Payload;
  body: Payload;
  headers: Header[];
  /** How its producer says that the body is encoded; 0: as is. */
  codec: number;
  /** Known when it was read alone. */
  producerId?: string;
  sequence?: string;
}

type Stored = Schemas['StoredMessage'];

export const headersOf = (stored: Pick<Stored, 'headers'>): Header[] =>
  (stored.headers ?? []).map((header) => ({ name: header.name, value: payloadOf(header, 'value') }));

export const messageOf = (partition: number, stored: Stored): Message => ({
  partition,
  offset: toBig(stored.offset) ?? 0n,
  atUs: stored.timestamp_us,
  key: payloadOf(stored, 'key'),
  body: payloadOf(stored, 'body'),
  headers: headersOf(stored),
  codec: stored.codec ?? 0,
  producerId: stored.producer_id,
  sequence: stored.sequence,
});

export const idOf = (message: Pick<Message, 'partition' | 'offset'>) => `${message.partition}/${message.offset}`;

/** "3/42" of a link. */
export function parseId(text: string): { partition: number; offset: bigint } | null {
  const match = /^(\d{1,4})\/(\d{1,19})$/.exec(text);
  return match ? { partition: Number(match[1]), offset: BigInt(match[2] as string) } : null;
}

export const bytesIn = (message: Message) =>
  sizeOf(message.key) +
  sizeOf(message.body) +
  message.headers.reduce((sum, header) => sum + header.name.length + sizeOf(header.value), 0);

/** Newest first; at the same instant by partition and offset, so that the order is always the same. */
export function newestFirst(a: Message, b: Message): number {
  const byTime = BigInt(b.atUs) - BigInt(a.atUs);
  if (byTime !== 0n) return byTime > 0n ? 1 : -1;
  if (a.partition !== b.partition) return a.partition - b.partition;
  return b.offset > a.offset ? 1 : -1;
}
