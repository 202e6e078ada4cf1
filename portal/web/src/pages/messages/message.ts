/** A message as these pages use it. */
import type { Schemas } from '@/api/client';
import { toBig } from '@/lib/format';
import { pathTo } from '@/lib/location';

import { type Payload, payloadOf } from './payload';

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
  /** Its contents are not for whoever sits here: key, headers and body were left out. */
  isHidden: boolean;
  /** Known when it was read alone. */
  producerId?: string;
  sequence?: string;
}

type Stored = Schemas['StoredMessage'];

export const headersOf = (stored: Pick<Stored, 'headers'>): Header[] =>
  (stored.headers ?? []).map((header) => ({ name: header.name, value: payloadOf(header, 'value') }));

export const messageOf = (partition: number, stored: Stored, isHidden = false): Message => ({
  partition,
  offset: toBig(stored.offset) ?? 0n,
  atUs: stored.timestamp_us,
  key: payloadOf(stored, 'key'),
  body: payloadOf(stored, 'body'),
  headers: headersOf(stored),
  codec: stored.codec ?? 0,
  isHidden,
  producerId: stored.producer_id,
  sequence: stored.sequence,
});

export interface MessageId {
  partition: number;
  offset: bigint;
}

export const idOf = (message: MessageId) => `${message.partition}/${message.offset}`;

/** A page of its own, which is there after the message is gone, too. */
export const messagePath = (topic: string, { partition, offset }: MessageId) =>
  pathTo('/topics/:name/messages/:partition/:offset', { name: topic, partition, offset: offset.toString() });

/** "3/42" of a link. */
export function parseId(text: string): MessageId | null {
  const match = /^(\d{1,4})\/(\d{1,19})$/.exec(text);
  return match ? { partition: Number(match[1]), offset: BigInt(match[2] as string) } : null;
}

/** Newest first; at the same instant by partition and offset, so that the order is always the same. */
export function newestFirst(a: Message, b: Message): number {
  const byTime = BigInt(b.atUs) - BigInt(a.atUs);
  if (byTime !== 0n) return byTime > 0n ? 1 : -1;
  if (a.partition !== b.partition) return a.partition - b.partition;
  return b.offset > a.offset ? 1 : -1;
}
