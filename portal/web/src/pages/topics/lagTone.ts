/** How a verdict about a group is shown. */
import type { Tone } from '@/ui/Badge';

const tones: Record<string, Tone> = {
  OK: 'good',
  NEW: 'info',
  PAUSED: 'quiet',
  WARN: 'warn',
  REWIND: 'warn',
  SLOW: 'warn',
  UNKNOWN: 'quiet',
  STALL: 'bad',
  STOP: 'bad',
  LOST: 'bad',
};

export const lagTone = (status: string): Tone => tones[status] ?? 'info';
