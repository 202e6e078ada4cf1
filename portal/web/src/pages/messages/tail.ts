/** What the live tail keeps and shows. */
import { type Message, newestFirst } from './message';

export const TAIL_KEPT = 200;

export interface Tail {
  /** Newest first. */
  messages: Message[];
  /** Since it began, those that are not kept any more too. */
  seen: number;
}

export const EMPTY_TAIL: Tail = { messages: [], seen: 0 };

export function added(tail: Tail, come: readonly Message[]): Tail {
  if (come.length === 0) return tail;
  const messages = [...come, ...tail.messages].sort(newestFirst).slice(0, TAIL_KEPT);
  return { messages, seen: tail.seen + come.length };
}

/** Before the next try after so many failures. */
export const backoffMs = (failures: number) => Math.min(500 * 2 ** failures, 15_000);
