/** A search in messages, as the URL says it, as the API asks and as the command line takes it; and what came of it. */
import type { Schemas } from '@/api/client';
import { commandLine } from '@/lib/clipboard';
import { toBig } from '@/lib/format';

import { parseMoment } from './browse';
import { type Message, messageOf } from './message';

/** Everything that is set must hold. */
export const SEARCH_DEFAULTS = {
  key: '',
  /** It is the whole key. */
  whole: false,
  header: '',
  /** In a value of that header. */
  value: '',
  body: '',
  /** Small and capital letters are the same. */
  anycase: false,
  /** Of date fields: "2026-11-23T02:30". */
  since: '',
  until: '',
  /** Offsets, with a partition alone: from this one on, and below this one. */
  first: '',
  below: '',
};
export type Wish = { [K in keyof typeof SEARCH_DEFAULTS]: (typeof SEARCH_DEFAULTS)[K] };
export type Clock = 'local' | 'utc';

/** What the server takes; more has no use in a field. */
export const TEXT_MAX = 1_024;

const isOffset = (text: string) => /^\d{1,18}$/.test(text);

/** Whether there is anything to look for. */
export function isWish({ key, header, body, since, until, first, below }: Wish, partition: string): boolean {
  const offsets = partition === '' ? [] : [first, below];
  return [key, header, body, since, until, ...offsets].some((text) => text !== '');
}

/** Which fields cannot be meant as they are. */
export function faultsOf(wish: Wish, partition: string): Partial<Record<keyof Wish, true>> {
  const { header, value, first, below } = wish;
  return {
    ...(value !== '' && header === '' && { value: true as const }),
    ...(partition !== '' && first !== '' && !isOffset(first) && { first: true as const }),
    ...(partition !== '' && below !== '' && !isOffset(below) && { below: true as const }),
  };
}

export interface SearchBody {
  partition?: number;
  from_offset?: string;
  to_offset?: string;
  from_us?: string;
  to_us?: string;
  key_equals?: string;
  key_contains?: string;
  header_name?: string;
  header_value?: string;
  body_contains?: string;
  ignore_case?: boolean;
}

export function bodyOf(wish: Wish, partition: string, clock: Clock): SearchBody {
  const from = parseMoment(wish.since, clock);
  const to = parseMoment(wish.until, clock);
  return {
    ...(partition !== '' && {
      partition: Number(partition),
      ...(isOffset(wish.first) && { from_offset: wish.first }),
      ...(isOffset(wish.below) && { to_offset: wish.below }),
    }),
    ...(from !== null && { from_us: from }),
    ...(to !== null && { to_us: to }),
    ...(wish.key !== '' && (wish.whole ? { key_equals: wish.key } : { key_contains: wish.key })),
    ...(wish.header !== '' && { header_name: wish.header }),
    ...(wish.header !== '' && wish.value !== '' && { header_value: wish.value }),
    ...(wish.body !== '' && { body_contains: wish.body }),
    ...(wish.anycase && { ignore_case: true }),
  };
}

/** A value that begins like a flag stays a value. */
const flag = (name: string, value: string) => (value.startsWith('-') ? [`${name}=${value}`] : [name, value]);
const iso = (us: string) => new Date(Number(BigInt(us) / 1_000n)).toISOString().replace('.000Z', 'Z');

export function searchCommand(topic: string, wish: Wish, partition: string, clock: Clock): string {
  const body = bodyOf(wish, partition, clock);
  const words = [
    ...(body.partition === undefined ? [] : ['-p', String(body.partition)]),
    ...(body.from_us === undefined ? [] : ['--from', iso(body.from_us)]),
    ...(body.to_us === undefined ? [] : ['--to', iso(body.to_us)]),
    ...(body.from_offset === undefined ? [] : ['--from-offset', body.from_offset]),
    ...(body.to_offset === undefined ? [] : ['--to-offset', body.to_offset]),
    ...(body.key_equals === undefined ? [] : flag('--key', body.key_equals)),
    ...(body.key_contains === undefined ? [] : flag('--key-contains', body.key_contains)),
    ...(body.header_name === undefined
      ? []
      : flag('--header', body.header_name + (body.header_value === undefined ? '' : `=${body.header_value}`))),
    ...(body.body_contains === undefined ? [] : flag('--contains', body.body_contains)),
    ...(body.ignore_case ? ['--ignore-case'] : []),
  ];
  return commandLine('message', 'search', topic, ...words);
}

/** What was looked at in one partition: from `from`, below `to`. */
export interface Looked {
  partition: number;
  from: bigint;
  to: bigint;
  /** What the log held; null: it did not say. */
  start: bigint | null;
  end: bigint | null;
  /** Reading failed at `to`; the rest was not looked at. */
  error?: string;
  lost: { from: string; to: string }[];
}

/** Why a run is over: nothing is left; nothing is left, but not all could be read; or what it may do at most. */
export type Why = 'done' | 'incomplete' | 'results' | 'rows' | 'time' | 'bytes' | 'stopped';

export interface Found {
  /** In the order of the answers: by partition and offset. */
  messages: Message[];
  looked: Looked[];
  rows: bigint;
  bytes: bigint;
  /** That somebody waited for it. */
  ms: number;
  /** Where to go on: '' before the first answer, null when nothing is left. */
  cursor: string | null;
}

export const NOTHING_YET: Found = { messages: [], looked: [], rows: 0n, bytes: 0n, ms: 0, cursor: '' };

type Answer = Schemas['SearchMessagesResponse'];
type Range = Schemas['SearchedRange'];

const lookedOf = (range: Range): Looked => ({
  partition: range.partition,
  from: BigInt(range.from_offset),
  to: BigInt(range.to_offset),
  start: toBig(range.log_start_offset),
  end: toBig(range.log_end_offset),
  ...(range.error && { error: range.error.message }),
  lost: (range.lost ?? []).map((one) => ({ from: one.from_offset, to: one.to_offset })),
});

/** The next page goes on in the partition where the one before ended. */
function joined(before: Looked | undefined, now: Looked): Looked {
  if (!before) return now;
  return {
    ...now,
    from: before.from < now.from ? before.from : now.from,
    start: now.start ?? before.start,
    end: now.end ?? before.end,
    error: now.error ?? before.error,
    lost: [...before.lost, ...now.lost],
  };
}

/** With one more answer. */
export function withAnswer(found: Found, answer: Answer, ms: number): Found {
  const looked = new Map(found.looked.map((one) => [one.partition, one]));
  for (const range of answer.ranges) {
    looked.set(range.partition, joined(looked.get(range.partition), lookedOf(range)));
  }
  return {
    messages: [...found.messages, ...answer.messages.map((one) => messageOf(one.partition, one.message))],
    looked: [...looked.values()].sort((a, b) => a.partition - b.partition),
    rows: found.rows + BigInt(answer.scanned_rows),
    bytes: found.bytes + BigInt(answer.scanned_bytes),
    ms: found.ms + ms,
    cursor: answer.next_page ?? null,
  };
}

export const errorsIn = (found: Found) =>
  new Map(found.looked.flatMap(({ partition, error }) => (error === undefined ? [] : [[partition, error] as const])));

/** How much is behind it, 0 to 1: partitions are looked at one after the other. */
export function shareOf(found: Found, partitions: number): number {
  if (found.cursor === null) return 1;
  const last = found.looked.at(-1);
  if (!last || partitions === 0) return 0;
  const { from, to, end } = last;
  const inLast = end === null || end <= from ? 1 : Number(((to - from) * 1_000n) / (end - from)) / 1_000;
  return Math.min((found.looked.length - 1 + inLast) / partitions, 1);
}

/** Of one run, which is as many answers as it takes; "go on" begins another one. */
export const RUN = { results: 50, rows: 500_000n, ms: 20_000 };
/** Of one answer: short, so that what is found shows soon and the broker's turns are shared. */
export const ANSWER = { max_scanned: 50_000, time_limit_ms: 1_000 };

/** Whether a run is over after an answer; null: it goes on. `begun`: as the run found it. */
export function whyOver(begun: Found, found: Found, ended: Answer['ended']): Why | null {
  if (found.cursor === null) return errorsIn(found).size > 0 ? 'incomplete' : 'done';
  if (found.messages.length - begun.messages.length >= RUN.results) return 'results';
  // Large messages fill an answer before there are many.
  if (ended === 'BYTES' && found.messages.length > begun.messages.length) return 'bytes';
  if (found.rows - begun.rows >= RUN.rows) return 'rows';
  return found.ms - begun.ms >= RUN.ms ? 'time' : null;
}
