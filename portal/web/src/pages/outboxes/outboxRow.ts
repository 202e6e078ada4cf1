/** How an outbox does, judged as `lanemq outbox status` judges it. */
import type { Schemas } from '@/api/client';
import type { Key, Values } from '@/i18n/translate';
import { compact, duration, toBig } from '@/lib/format';
import type { Tone } from '@/ui/Badge';

export type Outbox = Schemas['OutboxListing'];

/** Relays report every few seconds, and publish within one. */
const SILENT_MS = 60_000n;
const LATE_MS = 30_000n;

/** Counts of rows stop here: there may be more. */
const COUNT_MAX = 100_000n;

export const countText = (count: string) => `${compact(count)}${(toBig(count) ?? 0n) >= COUNT_MAX ? '+' : ''}`;

export interface Finding {
  tone: Tone;
  text: Key;
  values?: Values;
}

/** What is wrong, the worst first; empty: all is well. */
export function findingsOf({ report, silent_ms }: Outbox): Finding[] {
  const findings: Finding[] = [];
  const big = (text: string) => toBig(text) ?? 0n;
  if (big(silent_ms) >= SILENT_MS) {
    findings.push({ tone: 'bad', text: 'outboxes.silent', values: { span: duration(silent_ms) } });
  } else if (report.relays === 0) {
    findings.push({ tone: 'bad', text: 'outboxes.noRelay' });
  } else if (report.unowned_buckets > 0) {
    findings.push({ tone: 'bad', text: 'outboxes.unowned', values: { n: report.unowned_buckets } });
  }
  if (big(report.dead) > 0n) {
    findings.push({ tone: 'warn', text: 'outboxes.dead', values: { n: countText(report.dead) } });
  }
  if (big(report.oldest_age_ms) >= LATE_MS) {
    findings.push({ tone: 'warn', text: 'outboxes.late', values: { span: duration(report.oldest_age_ms) } });
  }
  if (big(report.held) > 0n) {
    findings.push({ tone: 'info', text: 'outboxes.held', values: { n: countText(report.held) } });
  }
  return findings;
}
