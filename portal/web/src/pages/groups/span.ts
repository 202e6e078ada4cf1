/** Lengths and moments of time as people type them. */

const UNITS: Record<string, number> = { ms: 1, s: 1_000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PART = /(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d)\s*/gy;

/** "90s", "1h30m", "250 ms", "2 d" in milliseconds; null: it is none. A bare number is none. */
export function parseSpan(text: string): number | null {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === '') return null;
  let ms = 0;
  PART.lastIndex = 0;
  let end = 0;
  for (let match = PART.exec(trimmed); match; match = PART.exec(trimmed)) {
    ms += Number(match[1]) * (UNITS[match[2] as string] as number);
    end = PART.lastIndex;
  }
  return end === trimmed.length ? Math.round(ms) : null;
}

const NAMES: [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
  [1, 'ms'],
];

/** The shortest text that parseSpan reads as exactly that: "1h30m", "250ms", "0s". */
export function spanText(ms: string | number | undefined): string {
  if (ms === undefined || ms === '') return '';
  let rest = Number(ms);
  if (rest === 0) return '0s';
  let text = '';
  for (const [span, name] of NAMES) {
    const whole = Math.floor(rest / span);
    if (whole > 0) text += `${whole}${name}`;
    rest -= whole * span;
  }
  return text;
}

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?$/;

/** What a field of date and time has, by the chosen clock, in milliseconds since 1970; null: it is none. */
export function parseMoment(text: string, clock: 'local' | 'utc'): number | null {
  const match = MOMENT.exec(text.trim());
  if (!match) return null;
  const [year, month, day, hour, minute, second = '0', millis = '0'] = match.slice(1);
  const parts = [year, Number(month) - 1, day, hour, minute, second, millis.padEnd(3, '0')].map(Number);
  const [y, mo, d, h, mi, s, ms] = parts as [number, number, number, number, number, number, number];
  const at = clock === 'utc' ? Date.UTC(y, mo, d, h, mi, s, ms) : new Date(y, mo, d, h, mi, s, ms).getTime();
  return Number.isFinite(at) ? at : null;
}

/** The other way: for a field of date and time. */
export function momentText(ms: number, clock: 'local' | 'utc'): string {
  const shifted = clock === 'utc' ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().slice(0, 19);
}

/** Milliseconds as the API tells moments. */
export const toUs = (ms: number): string => String(BigInt(Math.round(ms)) * 1_000n);
