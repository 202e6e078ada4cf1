/** Settings of topics as people write and read them: "7d", "1MiB", "for ever". */
import { toBig } from '@/lib/format';

export interface Setting {
  name: 'retention.ms' | 'retention.bytes' | 'retention.unread' | 'max.message.bytes';
  kind: 'time' | 'bytes' | 'choice';
  /** What a topic without it has. */
  fallback: string;
  isUnlimitable?: boolean;
  choices?: readonly string[];
}

/** As common/core/catalog/topic_rules.cc has them; the server checks again. */
export const SETTINGS: readonly Setting[] = [
  { name: 'retention.ms', kind: 'time', fallback: '604800000', isUnlimitable: true },
  { name: 'retention.bytes', kind: 'bytes', fallback: '-1', isUnlimitable: true },
  { name: 'retention.unread', kind: 'choice', fallback: 'warn', choices: ['block', 'warn', 'allow'] },
  { name: 'max.message.bytes', kind: 'bytes', fallback: '1048576' },
];

const TIMES: [unit: string, ms: bigint][] = [
  ['w', 604_800_000n],
  ['d', 86_400_000n],
  ['h', 3_600_000n],
  ['min', 60_000n],
  ['s', 1_000n],
  ['ms', 1n],
];
const BYTES: [unit: string, bytes: bigint][] = [
  ['TiB', 1n << 40n],
  ['GiB', 1n << 30n],
  ['MiB', 1n << 20n],
  ['KiB', 1n << 10n],
  ['B', 1n],
];
const OTHER_NAMES: Record<string, string> = {
  m: 'min',
  k: 'KiB',
  kb: 'KiB',
  mb: 'MiB',
  gb: 'GiB',
  tb: 'TiB',
  g: 'GiB',
};
const FOR_EVER = /^(-1|for ?ever|unlimited|none|永久|不限)$/i;

/** "1.5h" in units: exact, null when it is none or not whole. */
function amount(text: string, units: [string, bigint][]): bigint | null {
  const match = /^(\d{1,18})(?:\.(\d{1,6}))?\s*([a-z]*)$/i.exec(text.trim());
  if (!match) return null;
  const [, whole = '', part = '', said = ''] = match;
  const unit = said === '' ? units.at(-1)?.[0] : (OTHER_NAMES[said.toLowerCase()] ?? said);
  const found = units.find(([name]) => name.toLowerCase() === unit?.toLowerCase());
  if (!found) return null;
  const scale = 10n ** BigInt(part.length);
  const value = BigInt(whole + part) * found[1];
  return value % scale === 0n ? value / scale : null;
}

export const parseTime = (text: string) => amount(text, TIMES);
export const parseBytes = (text: string) => amount(text, BYTES);

/** What the API is told; null: it cannot be understood. */
export function parseSetting(setting: Setting, text: string): string | null {
  if (setting.isUnlimitable && FOR_EVER.test(text.trim())) return '-1';
  if (setting.kind === 'choice') return setting.choices?.includes(text) ? text : null;
  const value = setting.kind === 'time' ? parseTime(text) : parseBytes(text);
  return value === null || value < 1n ? null : value.toString();
}

/** As one would write it: parseSetting() of it is the value again. `forEver`: what -1 is called. */
export function settingText(setting: Setting, value: string, forEver: string): string {
  if (setting.kind === 'choice') return value;
  const big = toBig(value);
  if (big === null) return value;
  if (big === -1n) return forEver;
  const units = setting.kind === 'time' ? TIMES.slice(1) : BYTES;
  const found = units.find(([, size]) => big >= size && big % size === 0n);
  return found ? `${big / found[1]} ${found[0]}` : big.toString();
}
