/** Where the browser is: the History API as a store. Every state worth a link is in the URL. */
import { useSyncExternalStore } from 'react';

export interface Place {
  path: string;
  /** With its "?", or empty. */
  search: string;
}

const CHANGED = 'lanemq:place';

let place: Place = { path: '', search: '' };

function read(): Place {
  const { pathname, search } = window.location;
  if (place.path !== pathname || place.search !== search) place = { path: pathname, search };
  return place;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(CHANGED, listener);
  };
}

export const usePlace = () => useSyncExternalStore(subscribe, read);

export interface Going {
  /** In the place of the page one is on: filters that change while one types. */
  replace?: boolean;
  /** Kept with the entry of the history, and across a reload. */
  state?: unknown;
}

/** Goes to a path of these pages, "/topics?q=pay". */
export function navigate(to: string, { replace = false, state = null }: Going = {}): void {
  const before = window.location.pathname;
  window.history[replace ? 'replaceState' : 'pushState'](state, '', to);
  if (window.location.pathname !== before) window.scrollTo(0, 0);
  window.dispatchEvent(new Event(CHANGED));
}

/** The parameters of a path's pattern ("/topics/:name"), decoded; null when it is another path. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const got = path.replace(/(.)\/$/, '$1').split('/');
  if (wanted.length !== got.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = got[i] as string;
    if (!part.startsWith(':')) {
      if (part !== value) return null;
      continue;
    }
    try {
      params[part.slice(1)] = decodeURIComponent(value);
    } catch {
      return null;
    }
  }
  return params;
}

/** "/topics/:name" with its parameters filled in. */
export function pathTo(pattern: string, params: Record<string, string | number> = {}): string {
  return pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name] ?? '')));
}
