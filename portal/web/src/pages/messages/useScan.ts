import { useEffect, useRef, useState } from 'react';

import { isBackward, type BrowseState } from './browseState';
import type { Range } from './browse';
import { isPlace, makeMatcher } from './match';
import type { Reader } from './reader';
import { beginScan, type Limits, type Scan, scanOn } from './scan';

/** A search that runs when there is something to look for, and goes on when it is told to. */
export function useScan(state: BrowseState, ranges: readonly Range[] | null, read: Reader, limits: Limits) {
  const [scan, setScan] = useState<Scan | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [isRunning, setRunning] = useState(false);
  const stop = useRef<AbortController | null>(null);
  const { q, place } = state;

  const run = (from: Scan) => {
    stop.current?.abort();
    const controller = new AbortController();
    stop.current = controller;
    setRunning(true);
    setError(null);
    scanOn(from, {
      read,
      isHit: makeMatcher(q, isPlace(place) ? place : 'any'),
      isBackward: isBackward(state),
      limits,
      onProgress: setScan,
      signal: controller.signal,
    }).then(
      (done) => {
        setScan(done);
        setRunning(false);
      },
      (thrown: unknown) => {
        if (controller.signal.aborted) return;
        setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
        setRunning(false);
      },
    );
  };

  // A new search when what is looked for, or where, is another; not when more messages have come.
  const where = ranges === null ? '' : `${state.from} ${state.page} ${ranges.map((one) => one.partition).join()}`;
  const [whole, setWhole] = useState<readonly Range[]>([]);
  useEffect(() => {
    setScan(null);
    setError(null);
    if (q === '' || ranges === null) return undefined;
    setWhole(ranges);
    run(beginScan(ranges));
    return () => stop.current?.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [q, place, where, state.offset, state.time, read]);

  return {
    scan,
    /** What it looks through. */
    whole,
    error,
    isRunning,
    goOn: () => scan && run(scan),
    stop: () => {
      stop.current?.abort();
      setRunning(false);
    },
  };
}
