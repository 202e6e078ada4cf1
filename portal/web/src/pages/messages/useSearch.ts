import { useEffect, useRef, useState } from 'react';

import { http, take } from '@/api/client';
import { ApiError } from '@/api/problem';

import { ANSWER, type Found, NOTHING_YET, RUN, type SearchBody, whyOver, type Why, withAnswer } from './search';

/** A broker looks for few at once: others' turns end within seconds. */
const TURNS_WAITED = 10;
const TURN_MS = 500;

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

interface Run {
  topic: string;
  body: SearchBody;
  signal: AbortSignal;
  onFound: (found: Found) => void;
  onWaiting: (isWaiting: boolean) => void;
}

async function ask({ topic, body, signal, onWaiting }: Run, cursor: string, wanted: number) {
  for (let turns = 0; ; turns += 1) {
    try {
      const whole = { ...body, ...ANSWER, max_results: wanted, ...(cursor !== '' && { cursor }) };
      const path = { topic };
      return await take(http.POST('/topics/{topic}/messages:search', { params: { path }, body: whole, signal }));
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.code !== 'THROTTLED' || turns >= TURNS_WAITED) throw thrown;
      signal.throwIfAborted();
      onWaiting(true);
      await pause(thrown.retryAfterMs ?? TURN_MS, signal);
    }
  }
}

/** On from `begun`, answer by answer, until the run is over. */
async function runOn(begun: Found, run: Run): Promise<Why> {
  for (let found = begun; found.cursor !== null; ) {
    const since = Date.now();
    const wanted = Math.max(1, RUN.results - (found.messages.length - begun.messages.length));
    const answer = await ask(run, found.cursor, wanted);
    run.signal.throwIfAborted();
    run.onWaiting(false);
    found = withAnswer(found, answer, Date.now() - since);
    run.onFound(found);
    const why = whyOver(begun, found, answer.ended);
    if (why !== null) return why;
  }
  return 'done';
}

/** A search on the servers; a new one when `body` is another, and further when it is told to. Null: there is none. */
export function useSearch(topic: string, body: SearchBody | null) {
  const [found, setFound] = useState<Found>(NOTHING_YET);
  const [why, setWhy] = useState<Why | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [isRunning, setRunning] = useState(false);
  const [isWaiting, setWaiting] = useState(false);
  const stop = useRef<AbortController | null>(null);

  const run = (from: Found) => {
    stop.current?.abort();
    if (body === null) return;
    const controller = new AbortController();
    const { signal } = controller;
    stop.current = controller;
    setFound(from);
    setRunning(true);
    setWaiting(false);
    setError(null);
    setWhy(null);
    const end = () => {
      setRunning(false);
      setWaiting(false);
    };
    runOn(from, { topic, body, signal, onFound: setFound, onWaiting: setWaiting }).then(
      (over) => {
        if (signal.aborted) return;
        setWhy(over);
        end();
      },
      (thrown: unknown) => {
        if (signal.aborted) return;
        setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
        end();
      },
    );
  };

  const words = JSON.stringify(body);
  useEffect(() => {
    setFound(NOTHING_YET);
    setWhy(null);
    setError(null);
    setRunning(false);
    run(NOTHING_YET);
    return () => stop.current?.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [topic, words]);

  return {
    found,
    why,
    error,
    isRunning,
    isWaiting,
    goOn: () => run(found),
    again: () => run(NOTHING_YET),
    stop: () => {
      stop.current?.abort();
      setWhy('stopped');
      setRunning(false);
      setWaiting(false);
    },
  };
}
