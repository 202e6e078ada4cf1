/** State in the query of the URL: `const [state, change] = useUrlState({ q: '', limit: 50 })`. */
import { useCallback, useMemo } from 'react';

import { type Going, navigate, usePlace } from './location';

export type Values = Record<string, string | number | boolean>;
/** A parameter's type is its default's: `''` is any text, not the text '' alone. */
export type Widened<T extends Values> = {
  [K in keyof T]: T[K] extends string ? string : T[K] extends number ? number : boolean;
};

/** What the query says; the default where it says nothing, or nothing of that type. */
export function parseState<T extends Values>(search: string, defaults: T): Widened<T> {
  const query = new URLSearchParams(search);
  const state: Values = {};
  for (const [name, fallback] of Object.entries(defaults)) {
    const said = query.get(name);
    if (said === null) state[name] = fallback;
    else if (typeof fallback === 'number') state[name] = said !== '' && Number.isFinite(+said) ? +said : fallback;
    else if (typeof fallback === 'boolean') state[name] = said === 'true' || (said !== 'false' && fallback);
    else state[name] = said;
  }
  return state as Widened<T>;
}

/** The query after a change. What is the default is left out; other parameters stay. */
export function changedSearch(search: string, defaults: Values, change: Partial<Values>): string {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === defaults[name]) query.delete(name);
    else query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** `defaults` is a constant outside of the component: its names and types are the state's. */
export function useUrlState<T extends Values>(defaults: T) {
  const place = usePlace();
  const state = useMemo(() => parseState(place.search, defaults), [place.search, defaults]);
  const change = useCallback(
    (values: Partial<Widened<T>>, going?: Going) => {
      const { pathname, search } = window.location;
      navigate(pathname + changedSearch(search, defaults, values as Partial<Values>), going);
    },
    [defaults],
  );
  return [state, change] as const;
}
