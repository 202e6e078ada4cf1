/** Which offsets a page of messages begins at, partition by partition. */

/** What a partition holds: from `start`, below `end`. */
export interface Range {
  partition: number;
  start: bigint;
  end: bigint;
}

/** Where a page begins in each partition. */
export type Positions = ReadonlyMap<number, bigint>;

/** Of one page, all partitions together; and how many partitions one page looks at. */
export const PAGE_MESSAGES = 50;
/** When messages have to be read one by one. */
export const PAGE_SINGLES = 20;
export const PAGE_PARTITIONS = 50;

export const perPartition = (ranges: readonly Range[], page: number) =>
  Math.max(1, Math.floor(page / Math.max(1, ranges.length)));

const clamp = (value: bigint, { start, end }: Range) => (value < start ? start : value > end ? end : value);

const each = (ranges: readonly Range[], place: (range: Range) => bigint): Positions =>
  new Map(ranges.map((range) => [range.partition, clamp(place(range), range)]));

export const newest = (ranges: readonly Range[], count: number) => each(ranges, (range) => range.end - BigInt(count));
export const oldest = (ranges: readonly Range[]) => each(ranges, (range) => range.start);
export const atOffset = (ranges: readonly Range[], offset: bigint) => each(ranges, () => offset);
export const atOffsets = (ranges: readonly Range[], offsets: Positions) =>
  each(ranges, (range) => offsets.get(range.partition) ?? range.end);

/** So many messages later, or earlier when it is negative. */
export const shifted = (ranges: readonly Range[], from: Positions, by: number) =>
  each(ranges, (range) => (from.get(range.partition) ?? range.end) + BigInt(by));

export const hasOlder = (ranges: readonly Range[], from: Positions) =>
  ranges.some((range) => (from.get(range.partition) ?? range.end) > range.start);
export const hasNewer = (ranges: readonly Range[], from: Positions, count: number) =>
  ranges.some((range) => (from.get(range.partition) ?? range.end) + BigInt(count) < range.end);

/** For links: "0.120-1.99". */
export const positionsText = (from: Positions) =>
  [...from].map(([partition, offset]) => `${partition}.${offset}`).join('-');

/** Null when it is not that. */
export function parsePositions(text: string): Positions | null {
  if (!/^\d{1,4}\.\d{1,19}(-\d{1,4}\.\d{1,19})*$/.test(text)) return null;
  return new Map(
    text.split('-').map((one) => {
      const [partition = '', offset = ''] = one.split('.');
      return [Number(partition), BigInt(offset)];
    }),
  );
}

/** "2026-11-23T02:30" of a date field, in local time or UTC, as microseconds. */
export function parseMoment(text: string, clock: 'local' | 'utc'): string | null {
  const ms = Date.parse(clock === 'utc' && !/Z$/.test(text) ? `${text}Z` : text);
  return text === '' || Number.isNaN(ms) ? null : `${BigInt(ms) * 1_000n}`;
}
