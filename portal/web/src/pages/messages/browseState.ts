/** What the messages page shows, as its URL says it. */
import {
  atOffset,
  atOffsets,
  newest,
  oldest,
  PAGE_PARTITIONS,
  parseMoment,
  parsePositions,
  type Positions,
  type Range,
} from './browse';

export const BROWSE_DEFAULTS = {
  /** One of WAYS. */
  view: '',
  /** One of FROMS. */
  from: 'newest',
  offset: '',
  /** Of a date field: "2026-11-23T02:30". */
  time: '',
  /** Empty: all. */
  partition: '',
  /** A page's first offsets, which win over `from`. */
  page: '',
  /** What the live tail shows alone, and where that is. */
  q: '',
  place: 'any',
  /** A message that is open: "0/42". */
  m: '',
};
export type BrowseState = { [K in keyof typeof BROWSE_DEFAULTS]: (typeof BROWSE_DEFAULTS)[K] };

/** By place, by what is in them, as they come. */
export const WAYS = ['', 'search', 'tail'] as const;
export type Way = (typeof WAYS)[number];
export const wayOf = ({ view }: BrowseState): Way => (view === 'search' || view === 'tail' ? view : '');

export const FROMS = ['newest', 'oldest', 'offset', 'time'] as const;

/** The partitions that are looked at; without a choice the first PAGE_PARTITIONS. */
export function chosenRanges(all: readonly Range[], partition: string): Range[] {
  if (partition === '') return all.slice(0, PAGE_PARTITIONS);
  return all.filter((range) => String(range.partition) === partition);
}

/** Null: the offsets of this moment have to be looked up first. */
export function wantedMoment(state: BrowseState, clock: 'local' | 'utc'): string | null {
  return state.from === 'time' && state.page === '' ? parseMoment(state.time, clock) : null;
}

/** `byTime`: what was found for the moment that is wanted. */
export function positionsOf(
  state: BrowseState,
  ranges: readonly Range[],
  count: number,
  byTime: Positions | null,
): Positions {
  const page = parsePositions(state.page);
  if (page) return atOffsets(ranges, page);
  if (state.from === 'oldest') return oldest(ranges);
  if (state.from === 'offset' && /^\d{1,19}$/.test(state.offset)) return atOffset(ranges, BigInt(state.offset));
  if (state.from === 'time' && byTime) return atOffsets(ranges, byTime);
  return newest(ranges, count);
}
