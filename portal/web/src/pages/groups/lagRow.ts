/** What is said of a group on a topic, taken from what the metaserver on call judges. */
import type { Schemas } from '@/api/client';
import type { Key } from '@/i18n/translate';
import { toBig } from '@/lib/format';
import type { Tone } from '@/ui/Badge';

export type TopicLag = Schemas['TopicLag'];
export type PartitionLag = Schemas['PartitionLag'];

export interface Verdict {
  /** 0: all is well; the larger, the worse. As the command line ranks them. */
  rank: number;
  tone: Tone;
  word: Key;
  meaning: Key;
}

const verdicts: Record<string, Verdict> = {
  OK: { rank: 0, tone: 'good', word: 'groups.statusOk', meaning: 'groups.meansOk' },
  NEW: { rank: 1, tone: 'info', word: 'groups.statusNew', meaning: 'groups.meansNew' },
  PAUSED: { rank: 2, tone: 'info', word: 'groups.statusPaused', meaning: 'groups.meansPaused' },
  UNKNOWN: { rank: 3, tone: 'quiet', word: 'groups.statusUnknown', meaning: 'groups.meansUnknown' },
  WARN: { rank: 4, tone: 'warn', word: 'groups.statusWarn', meaning: 'groups.meansWarn' },
  REWIND: { rank: 5, tone: 'warn', word: 'groups.statusRewind', meaning: 'groups.meansRewind' },
  SLOW: { rank: 6, tone: 'warn', word: 'groups.statusSlow', meaning: 'groups.meansSlow' },
  STALL: { rank: 7, tone: 'bad', word: 'groups.statusStall', meaning: 'groups.meansStall' },
  STOP: { rank: 8, tone: 'bad', word: 'groups.statusStop', meaning: 'groups.meansStop' },
  LOST: { rank: 9, tone: 'bad', word: 'groups.statusLost', meaning: 'groups.meansLost' },
};
const UNKNOWN = verdicts.UNKNOWN as Verdict;

/** From the best to the worst. */
export const STATUSES = Object.keys(verdicts);

/** A status that these pages do not know is as good as unknown. */
export const verdictOf = (status: string): Verdict => verdicts[status] ?? UNKNOWN;

export const isTrouble = (status: string) => verdictOf(status).rank >= (verdicts.WARN as Verdict).rank;

/** How many times its objective the oldest unread message has waited; null: there is no objective. */
export function overObjective(lag: Pick<TopicLag, 'lag_ms' | 'objective_ms'>): number | null {
  const objective = Number(toBig(lag.objective_ms) ?? 0n);
  return objective <= 0 ? null : Number(toBig(lag.lag_ms) ?? 0n) / objective;
}

/** "0.4×", "3.2×", "120×". */
export function timesText(times: number | null): string {
  if (times === null) return '–';
  if (times < 0.05) return '0×';
  return `${times < 10 ? times.toFixed(1) : Math.round(times).toLocaleString('en')}×`;
}

const by = (a: { status: string; lag_ms: string; lag_messages: string }, b: typeof a) =>
  verdictOf(b.status).rank - verdictOf(a.status).rank ||
  compareBig(b.lag_ms, a.lag_ms) ||
  compareBig(b.lag_messages, a.lag_messages);

export function compareBig(a: string, b: string): number {
  const [x, y] = [toBig(a) ?? 0n, toBig(b) ?? 0n];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Worst first; among equals as they came. */
export const worstFirst = <Row extends { status: string; lag_ms: string; lag_messages: string }>(
  rows: readonly Row[],
) => [...rows].sort(by);

/** What the group's delivery is held back from: one line for each reason and end. */
export interface Pause {
  /** Microseconds; "0" or "-1": until somebody resumes it. */
  until_us: string;
  reason: string;
  partitions: string[];
}

/** Of the offsets of a group: who paused nothing has none. */
export function pausesOf(rows: readonly Schemas['FetchOffsetsPartitionResult'][]): Pause[] {
  const pauses = new Map<string, Pause>();
  for (const row of rows) {
    if (row.paused_until_us === undefined) continue;
    const [until_us, reason] = [row.paused_until_us, row.pause_reason ?? ''];
    const key = `${until_us} ${reason}`;
    const pause = pauses.get(key) ?? { until_us, reason, partitions: [] };
    pause.partitions.push(`${row.topic}/${row.partition}`);
    pauses.set(key, pause);
  }
  return [...pauses.values()];
}

/** Whether a moment, of microseconds, is an end, or "until somebody says so". */
export const hasEnd = (us: string) => (toBig(us) ?? 0n) > 0n;
