/** The time, for what is told relative to it: one clock for all components, which stops when the page is hidden. */
import { makeStore, useStore } from './store';

const TICK_MS = 1_000;
const now = makeStore(Date.now());

if (typeof window !== 'undefined') {
  setInterval(() => {
    if (!document.hidden) now.set(Date.now());
  }, TICK_MS);
}

export const useNow = () => useStore(now);
