/** Tokens: how long they last, and which of them need somebody's eye. */
import type { Schemas } from '@/api/client';
import type { Key } from '@/i18n/translate';
import { toBig } from '@/lib/format';
import type { Tone } from '@/ui/Badge';

export type Token = Schemas['Token'];

const DAY_US = 86_400_000_000n;
const SOON_DAYS = 14n;

/** Also of grants: what ends soon needs somebody's eye. Null: not yet, or never. */
export function endingOf(expires_at_us: string | undefined, nowMs: number): { tone: Tone; text: Key } | null {
  const end = toBig(expires_at_us);
  if (end === null) return null;
  const left = end - BigInt(nowMs) * 1_000n;
  if (left <= 0n) return { tone: 'bad', text: 'tokens.ended' };
  return left < SOON_DAYS * DAY_US ? { tone: 'warn', text: 'tokens.endsSoon' } : null;
}

/** Whose it is: "billing", "ann". */
export const holderOf = (token: Token): string => token.person || token.service_name;

/** In seconds; empty: it does not expire, which is for services alone. */
export const LIFETIMES = [
  ['2592000', 'tokens.days30'],
  ['7776000', 'tokens.days90'],
  ['31536000', 'tokens.year'],
  ['', 'tokens.forEver'],
] as const satisfies readonly (readonly [string, Key])[];

/** A person's token lasts 90 days at most. */
export const lifetimesFor = (isPersons: boolean) =>
  LIFETIMES.filter(([seconds]) => !isPersons || (seconds !== '' && Number(seconds) <= 7_776_000));

/** For a token in the place of another: the shortest offered life that is not shorter than the old one's. */
export function lifetimeLike(old: Token | undefined): string {
  const end = toBig(old?.expires_at_us);
  const start = toBig(old?.created_at_us);
  if (!old) return '7776000';
  if (end === null || start === null) return '';
  const seconds = (end - start) / 1_000_000n;
  return LIFETIMES.find(([offered]) => offered !== '' && BigInt(offered) >= seconds)?.[0] ?? '';
}
