/** Moves of partitions: how far one is, and whether it can still be taken back. */
import type { Schemas } from '@/api/client';
import { toBig } from '@/lib/format';
import type { Key } from '@/i18n/translate';
import type { Tone } from '@/ui/Badge';

export type Move = Schemas['PartitionMove'];

const states: Record<string, { tone: Tone; text: Key }> = {
  copying: { tone: 'info', text: 'admin.copying' },
  sealing: { tone: 'warn', text: 'admin.sealing' },
  handing_over: { tone: 'warn', text: 'admin.handingOver' },
  opening: { tone: 'info', text: 'admin.opening' },
  cleaning: { tone: 'info', text: 'admin.cleaning' },
  done: { tone: 'good', text: 'admin.done' },
  cancelling: { tone: 'quiet', text: 'admin.cancelling' },
  cancelled: { tone: 'quiet', text: 'admin.cancelled' },
  failed: { tone: 'bad', text: 'admin.failed' },
};

export const moveStateOf = (state: string) => states[state] ?? null;

export const mayCancel = (move: Pick<Move, 'state'>) => ['copying', 'sealing', 'handing_over'].includes(move.state);

/** Nobody can use the partition meanwhile. */
export const isShut = (move: Pick<Move, 'state'>) => ['sealing', 'handing_over', 'opening'].includes(move.state);

/** Of the log, in hundredths; null: it says nothing (there is no log, or it is over). */
export function shareOf(move: Move): number | null {
  const end = toBig(move.source_end);
  const copied = toBig(move.copied_end);
  if (end === null || copied === null || end <= 0n) return null;
  return Number((copied * 100n) / end);
}

/** Milliseconds until the log is copied, at the pace so far; null: nothing to count by. */
export function restMs(move: Move, nowMs: number): number | null {
  const share = shareOf(move);
  const begun = toBig(move.created_at_us);
  if (move.state !== 'copying' || share === null || share === 0 || begun === null) return null;
  const took = nowMs - Number(begun / 1_000n);
  return Math.max(Math.round((took * (100 - share)) / share), 0);
}

export interface Outlook {
  movable: number;
  /** Refused ones by why, the most frequent first. */
  refused: [message: string, count: number][];
}

/** What an evacuation would do, of its dry run. */
export function outlookOf(moves: Schemas['BegunMove'][]): Outlook {
  const counts = new Map<string, number>();
  for (const { error } of moves) {
    if (error && error.code !== 'ALREADY_EXISTS') counts.set(error.message, (counts.get(error.message) ?? 0) + 1);
  }
  const refused = [...counts].sort((a, b) => b[1] - a[1]);
  return { movable: moves.filter(({ error }) => !error).length, refused };
}

/** "25" MB/s -> bytes; '' for the default; null: outside of what there is. */
export function paceFrom(text: string): string | null {
  if (text.trim() === '') return '';
  const megabytes = Number(text);
  const bytes = Math.round(megabytes * 1_000_000);
  return Number.isFinite(megabytes) && bytes >= 65_536 && bytes <= 2_000_000_000 ? String(bytes) : null;
}
