/** Quotas: how much of one is used, and amounts as people write them. */
import type { Schemas } from '@/api/client';
import type { Key } from '@/i18n/translate';
import { toBig } from '@/lib/format';
import type { Tone } from '@/ui/Badge';

export type TeamQuota = Schemas['TeamQuota'];
export type TeamQuotaUse = Schemas['TeamQuotaUse'];

/** What is counted against a limit; of rates the API tells limits alone. */
export const COUNTED = ['topics', 'partitions', 'stored_bytes'] as const;
export const RATES = ['produce_bytes_per_s', 'fetch_bytes_per_s', 'messages_per_s', 'message_bytes_max'] as const;
export type Field = (typeof COUNTED)[number] | (typeof RATES)[number];
export const FIELDS: readonly Field[] = [...COUNTED, ...RATES];

export const isBytes = (field: Field) => field.includes('bytes');
export const isRate = (field: Field) => field.endsWith('_per_s');

/** Of a hundred, more when it is over; null: there is no limit. */
export function shareOf(used: string, limit: string | undefined): number | null {
  const of = toBig(limit);
  const have = toBig(used);
  if (of === null || have === null) return null;
  if (of <= 0n) return have > 0n ? 101 : 100;
  const share = Number((have * 1_000n) / of) / 10;
  return have > of ? Math.max(share, 100.1) : share;
}

const NEAR = 80;

export function toneOf(share: number | null): { tone: Tone; text: Key } | null {
  if (share === null || share < NEAR) return null;
  if (share > 100) return { tone: 'bad', text: 'quotas.over' };
  return { tone: 'warn', text: share === 100 ? 'quotas.full' : 'quotas.near' };
}

const FACTORS: Record<string, bigint> = {
  '': 1n,
  k: 1_000n,
  m: 1_000_000n,
  g: 1_000_000_000n,
  t: 1_000_000_000_000n,
  ki: 1n << 10n,
  mi: 1n << 20n,
  gi: 1n << 30n,
  ti: 1n << 40n,
};

/** "10 MB", "1.5 GiB", "20k" -> text of a whole number; '' for none; null for what is no amount. */
export function amountFrom(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const match = /^(\d+)(?:\.(\d{1,6}))?\s*([kmgt]i?)?b?$/i.exec(trimmed.replaceAll(',', ''));
  if (!match) return null;
  const factor = FACTORS[(match[3] ?? '').toLowerCase()] ?? 1n;
  const places = match[2] ?? '';
  const scaled = BigInt(`${match[1]}${places}`) * factor;
  const result = scaled / 10n ** BigInt(places.length);
  return result > 9_223_372_036_854_775_807n ? null : result.toString();
}

/** As it is put into a field: with the largest unit that leaves it whole. */
export function amountText(value: string | undefined, isOfBytes: boolean): string {
  const big = toBig(value);
  if (big === null) return '';
  const units = isOfBytes ? (['ti', 'gi', 'mi', 'ki'] as const) : (['g', 'm', 'k'] as const);
  const unit = units.find((one) => big !== 0n && big % (FACTORS[one] as bigint) === 0n);
  if (!unit) return big.toString();
  const shown = isOfBytes ? ` ${unit[0]?.toUpperCase()}iB` : unit === 'k' ? 'k' : unit.toUpperCase();
  return `${big / (FACTORS[unit] as bigint)}${shown}`;
}
