/** Past resets as people did them: one deed, many partitions. */
import type { Schemas } from '@/api/client';
import { toBig } from '@/lib/format';

import { assignmentText } from './members';

export type OffsetReset = Schemas['OffsetReset'];

export interface ResetBatch {
  key: string;
  at_us: string;
  requested_by: string;
  reason: string;
  resets: OffsetReset[];
}

/** Data nodes have clocks of their own, and a deed takes a moment on each. */
const APART_US = 5_000_000n;

/** Newest first, as the API tells them. A partition is once in a deed: twice are two deeds. */
export function batchesOf(resets: readonly OffsetReset[]): ResetBatch[] {
  const batches: ResetBatch[] = [];
  for (const reset of resets) {
    const at = toBig(reset.at_us) ?? 0n;
    const same = batches.find(
      (batch) =>
        batch.requested_by === reset.requested_by &&
        batch.reason === reset.reason &&
        (toBig(batch.at_us) ?? 0n) - at <= APART_US &&
        !batch.resets.some((one) => one.topic === reset.topic && one.partition === reset.partition),
    );
    if (same) same.resets.push(reset);
    else {
      const { at_us, requested_by, reason, topic, partition } = reset;
      batches.push({ key: `${at_us} ${topic}/${partition}`, at_us, requested_by, reason, resets: [reset] });
    }
  }
  return batches;
}

export const placesText = (batch: ResetBatch) => assignmentText(batch.resets);

/** By how many messages it went forward, or back, in all. */
export const movedBy = (batch: ResetBatch): bigint =>
  batch.resets.reduce((sum, { old_offset, new_offset }) => {
    const [old, next] = [toBig(old_offset) ?? -1n, toBig(new_offset) ?? 0n];
    return old < 0n ? sum : sum + next - old;
  }, 0n);
