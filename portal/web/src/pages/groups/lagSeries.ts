/** The course of a group's lag, made ready for a chart. */
import type { Schemas } from '@/api/client';
import { toBig, toMs } from '@/lib/format';

export type LagPoint = Schemas['LagPoint'];

export interface LagSeries {
  /** Milliseconds since 1970, rising, one step apart. */
  times: number[];
  /** Null: nobody looked at that time. */
  messages: (number | null)[];
  lagMs: (number | null)[];
  /** Messages per second. */
  inRate: (number | null)[];
  outRate: (number | null)[];
}

/** A chart draws with doubles; exact values are in tables. */
const asNumber = (text: string) => Number(toBig(text) ?? 0n);

/** More steps than any answer has points: a broken answer must not fill the memory. */
const STEPS_MAX = 4_000;

/** Points in time's order; steps that nobody measured are gaps, not zeros and not straight lines. */
export function lagSeries(points: readonly LagPoint[], stepMs: number): LagSeries {
  const series: LagSeries = { times: [], messages: [], lagMs: [], inRate: [], outRate: [] };
  const add = (time: number, point: LagPoint | null) => {
    series.times.push(time);
    series.messages.push(point && asNumber(point.lag_messages_max));
    series.lagMs.push(point && asNumber(point.lag_ms_max));
    series.inRate.push(point && (asNumber(point.produced) * 1_000) / stepMs);
    series.outRate.push(point && (asNumber(point.consumed) * 1_000) / stepMs);
  };
  let expected: number | null = null;
  for (const point of points) {
    const time = toMs(point.at_us);
    if (time === null || stepMs <= 0) continue;
    // One missing value breaks a line; more would only make the arrays longer.
    if (expected !== null && time > expected + stepMs / 2) add(expected, null);
    if (series.times.length > STEPS_MAX) break;
    add(time, point);
    expected = time + stepMs;
  }
  return series;
}

/** How far back a chart looks, by its name in the URL. */
export const RANGES = { '1h': 3_600_000, '6h': 21_600_000, '24h': 86_400_000, '7d': 604_800_000, '35d': 3_024_000_000 };
export type Range = keyof typeof RANGES;

export const isRange = (text: string): text is Range => Object.hasOwn(RANGES, text);

/** Whole steps, so that a chart that is read again and again asks for the same while nothing is new. */
export function rangeOf(range: Range, nowMs: number): { fromMs: number; untilMs: number } {
  const step = RANGES[range] / 360;
  const untilMs = Math.ceil(nowMs / step) * step;
  return { fromMs: untilMs - RANGES[range], untilMs };
}
