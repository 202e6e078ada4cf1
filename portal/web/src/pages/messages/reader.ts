/** Reads messages: many at once for those who may consume, one by one for those who may only look at single ones. */
import { http, type Schemas, take } from '@/api/client';
import { ApiError } from '@/api/problem';

import { type Message, messageOf } from './message';

/** Messages that are there, by the ends that were asked for just before. */
export interface Ask {
  partition: number;
  offset: bigint;
  count: number;
}

export interface Reading {
  messages: Message[];
  /** What partitions that could not be read said. */
  errors: Map<number, string>;
}

export type Reader = (asks: readonly Ask[], signal?: AbortSignal) => Promise<Reading>;

const AT_ONCE = 4;
/** A broker looks a moment later what others have written; until then it may answer with less than there is. */
const WAIT_MS = 1_000;

/** Runs a few at a time; the order of the results is that of the items. */
async function pooled<In, Out>(items: readonly In[], run: (item: In) => Promise<Out>): Promise<Out[]> {
  const out: Out[] = new Array<Out>(items.length);
  let next = 0;
  const work = async () => {
    for (let i = next++; i < items.length; i = next++) out[i] = await run(items[i] as In);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));
  return out;
}

async function fetchOnce(topic: string, asks: readonly Ask[], waitMs: number, signal?: AbortSignal) {
  const partitions = asks.map((ask) => ({ topic, partition: ask.partition, offset: ask.offset.toString() }));
  const count = asks.reduce((sum, ask) => sum + ask.count, 0);
  const body = {
    partitions,
    min_bytes: waitMs > 0 ? 1 : 0,
    max_wait_ms: waitMs,
    max_messages: Math.min(Math.max(count, 1), 50_000),
  };
  return take(http.POST('/messages:fetch', { body, signal }));
}

/** What is taken of an answer; and what has to be asked again: others took its room, or its broker knew no more yet. */
export function sorted(asks: readonly Ask[], results: readonly Schemas['FetchPartitionResult'][]) {
  const reading: Reading = { messages: [], errors: new Map() };
  const again: Ask[] = [];
  for (const ask of asks) {
    const result = results.find((one) => one.partition === ask.partition);
    if (result?.error) {
      reading.errors.set(ask.partition, result.error.message);
      continue;
    }
    const isHidden = result?.is_hidden === true;
    const got = (result?.messages ?? []).slice(0, ask.count).map((one) => messageOf(ask.partition, one, isHidden));
    reading.messages.push(...got);
    if (got.length === ask.count) continue;
    const offset = ask.offset + BigInt(got.length);
    again.push({ partition: ask.partition, offset, count: ask.count - got.length });
  }
  return { reading, again };
}

/** On from where an answer ended, until all is there or nothing comes any more. */
async function fetchRest(topic: string, ask: Ask, signal?: AbortSignal): Promise<Reading> {
  const all: Reading = { messages: [], errors: new Map() };
  for (let open: Ask | undefined = ask; open; ) {
    const { reading, again } = sorted([open], (await fetchOnce(topic, [open], WAIT_MS, signal)).partitions);
    all.messages.push(...reading.messages);
    for (const [partition, error] of reading.errors) all.errors.set(partition, error);
    open = reading.messages.length > 0 ? again[0] : undefined;
  }
  return all;
}

export const fetchReader =
  (topic: string): Reader =>
  async (asks, signal) => {
    const wanted = asks.filter((ask) => ask.count > 0);
    if (wanted.length === 0) return { messages: [], errors: new Map() };
    const { reading, again } = sorted(wanted, (await fetchOnce(topic, wanted, 0, signal)).partitions);
    for (const rest of await pooled(again, (ask) => fetchRest(topic, ask, signal))) {
      reading.messages.push(...rest.messages);
      for (const [partition, error] of rest.errors) reading.errors.set(partition, error);
    }
    return reading;
  };

export async function readOne(topic: string, partition: number, offset: bigint, signal?: AbortSignal) {
  const path = { topic, partition, offset: offset.toString() };
  return take(http.GET('/topics/{topic}/partitions/{partition}/messages/{offset}', { params: { path }, signal }));
}

/** Offsets that are gone (retention) are left out. */
export const singleReader =
  (topic: string): Reader =>
  async (asks, signal) => {
    const reading: Reading = { messages: [], errors: new Map() };
    const all = asks.flatMap(({ partition, offset, count }) =>
      Array.from({ length: count }, (_, i) => ({ partition, offset: offset + BigInt(i) })),
    );
    const read = await pooled(all, async ({ partition, offset }) => {
      try {
        return messageOf(partition, (await readOne(topic, partition, offset, signal)).message);
      } catch (thrown) {
        if (!(thrown instanceof ApiError)) throw thrown;
        if (thrown.code !== 'OFFSET_OUT_OF_RANGE') reading.errors.set(partition, thrown.message);
        return null;
      }
    });
    reading.messages = read.filter((one) => one !== null);
    return reading;
  };
