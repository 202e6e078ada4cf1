import { useEffect, useRef, useState } from 'react';

import { http, take } from '@/api/client';

import type { Range } from './browse';
import { messageOf } from './message';
import { added, backoffMs, EMPTY_TAIL } from './tail';

const WAIT_MS = 5_000;
const MESSAGES_MAX = 500;

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** The first moment at which somebody looks at the page. */
const visible = (signal: AbortSignal) =>
  document.hidden
    ? new Promise<void>((resolve) => {
        document.addEventListener('visibilitychange', () => resolve(), { once: true, signal });
        signal.addEventListener('abort', () => resolve());
      })
    : Promise.resolve();

/** Messages as they come, from the ends of `ranges` on. Rests while the page is hidden, and skips nothing by it. */
export function useTail(topic: string, ranges: readonly Range[] | null, isOn: boolean) {
  const [tail, setTail] = useState(EMPTY_TAIL);
  const [error, setError] = useState<Error | null>(null);
  const [isPaused, setPaused] = useState(false);
  const where = ranges === null ? '' : ranges.map((range) => range.partition).join();
  /** Kept over a pause: what came meanwhile is shown after it. */
  const place = useRef<{ of: string; at: Map<number, bigint> }>({ of: '', at: new Map() });

  useEffect(() => {
    if (!isOn || isPaused || ranges === null || ranges.length === 0) return undefined;
    const stop = new AbortController();
    const of = `${topic} ${where}`;
    if (place.current.of !== of) place.current = { of, at: new Map(ranges.map((one) => [one.partition, one.end])) };
    const { at } = place.current;
    const once = async () => {
      const partitions = [...at].map(([partition, offset]) => ({ topic, partition, offset: offset.toString() }));
      const body = { partitions, max_wait_ms: WAIT_MS, min_bytes: 1, max_messages: MESSAGES_MAX };
      const answer = await take(http.POST('/messages:fetch', { body, signal: stop.signal }));
      for (const result of answer.partitions) {
        if (result.error) throw new Error(`${topic}/${result.partition}: ${result.error.message}`);
        const come = result.messages.map((one) => messageOf(result.partition, one, result.is_hidden));
        const last = come.at(-1);
        if (last) at.set(result.partition, last.offset + 1n);
        setTail((tail) => added(tail, come));
      }
    };
    const follow = async () => {
      for (let failures = 0; !stop.signal.aborted; ) {
        await visible(stop.signal);
        try {
          await once();
          failures = 0;
          setError(null);
        } catch (thrown) {
          if (stop.signal.aborted) return;
          setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
          await pause(backoffMs(failures++), stop.signal);
        }
      }
    };
    void follow();
    return () => stop.abort();
    // The ends at the beginning count; later ones are where it has come to.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [topic, isOn, isPaused, where]);

  useEffect(() => {
    if (isOn) return;
    setTail(EMPTY_TAIL);
    setPaused(false);
    place.current = { of: '', at: new Map() };
  }, [isOn]);

  return { tail, error, isPaused, setPaused, clear: () => setTail(EMPTY_TAIL) };
}
