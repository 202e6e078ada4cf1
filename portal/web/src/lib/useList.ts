/** A list whose page, order and search are in the URL, and are the server's work. */
import { useEffect, useState } from 'react';

import type { Schemas } from '@/api/client';
import { type ListQuery, listQuery } from '@/api/list';
import { useRead } from '@/api/read';

import { useUrlState } from './urlState';

const DEFAULTS = { q: '', sort: '', limit: 50, cursor: '', at: 0 };
export const PAGE_SIZES = [25, 50, 100, 500];
const TYPING_MS = 250;

export interface ListOptions<Answer, Row> {
  /** Names the list in the cache; changes and filters are added. */
  key: readonly unknown[];
  read: (query: ListQuery, signal: AbortSignal) => Promise<Answer>;
  rows: (answer: Answer) => Row[];
  /** "name", "-created_at_us". */
  sort: string;
  /** The field that the search box looks into; absent: no search box. */
  search?: string;
  /** More filters, by field, beside the search. */
  filters?: Record<string, string>;
  enabled?: boolean;
}

/** See <Table>. One list with state in the URL for each page. */
export function useList<Answer extends object, Row>(options: ListOptions<Answer, Row>) {
  const [state, change] = useUrlState(DEFAULTS);
  const sort = state.sort || options.sort;
  const limit = Math.min(Math.max(Math.trunc(state.limit), 1), 1_000);
  const filters = { ...options.filters, ...(options.search && { [options.search]: `*${state.q}*` }) };
  const wish = { limit, cursor: state.cursor, sort, filters };
  const read = useRead(
    [...options.key, 'list', wish],
    (signal) => options.read(listQuery(wish), signal),
    options.enabled === undefined ? {} : { enabled: options.enabled },
  );
  const info = (read.data ?? {}) as Schemas['Page'];
  const trail = ((window.history.state as { trail?: string[] } | null)?.trail ?? []) as string[];
  return {
    read,
    rows: read.data ? options.rows(read.data) : undefined,
    total: info.total_count,
    q: state.q,
    sort,
    limit,
    at: state.at,
    hasSearch: options.search !== undefined,
    isFirst: state.cursor === '',
    isFiltered: state.q !== '' || Object.values(options.filters ?? {}).some((wanted) => wanted !== ''),
    hasNext: Boolean(info.next_cursor),
    setSearch: (q: string) => change({ q, cursor: '', at: 0 }, { replace: true }),
    setSort: (field: string) => change({ sort: field === options.sort ? '' : field, cursor: '', at: 0 }),
    setLimit: (rows: number) => change({ limit: rows, cursor: '', at: 0 }),
    first: () => change({ cursor: '', at: 0 }),
    next: () =>
      change({ cursor: info.next_cursor ?? '', at: state.at + limit }, { state: { trail: [...trail, state.cursor] } }),
    /** Absent on a page that was not come to from the one before: a link, say. */
    previous:
      trail.length === 0
        ? undefined
        : () =>
            change(
              { cursor: trail.at(-1) ?? '', at: Math.max(state.at - limit, 0) },
              { state: { trail: trail.slice(0, -1) } },
            ),
  };
}

export type List = Omit<ReturnType<typeof useList<object, unknown>>, 'rows' | 'read'> & {
  read: { isPending: boolean; isPlaceholderData: boolean };
};

/** Text of a box that is passed on when one stops typing; what comes from outside wins. */
export function useTyping(value: string, pass: (text: string) => void) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => pass(text), TYPING_MS);
    return () => clearTimeout(timer);
    // Only what is typed starts the clock.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [text]);
  return [text, setText] as const;
}
