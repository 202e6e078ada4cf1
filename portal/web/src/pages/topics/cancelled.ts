/** What became of messages that were to be cancelled. */
import type { Schemas } from '@/api/client';

export interface Tally {
  cancelled: number;
  /** It was too late. */
  delivered: number;
  gone: number;
  failed: number;
}

export function tallyOf(results: readonly Schemas['CancelOne'][]): Tally {
  const tally: Tally = { cancelled: 0, delivered: 0, gone: 0, failed: 0 };
  for (const one of results) {
    if (one.error) tally.failed += 1;
    else if (one.state === 'CANCELLED') tally.cancelled += 1;
    else if (one.state === 'DELIVERED') tally.delivered += 1;
    else tally.gone += 1;
  }
  return tally;
}
