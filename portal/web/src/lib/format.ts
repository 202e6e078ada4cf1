/** Numbers, sizes and times as people read them. 64-bit numbers come as text and stay exact. */

/** A whole number, from text or a number; null for what is none. */
export function toBig(value: string | number | bigint | null | undefined): bigint | null {
  if (value === null || value === undefined || value === '') return null;
  try {
    return BigInt(typeof value === 'number' ? Math.round(value) : value);
  } catch {
    return null;
  }
}

/** "1234567" -> "1,234,567". */
export function exact(value: string | number | bigint | null | undefined): string {
  const big = toBig(value);
  return big === null ? '–' : big.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

const SCALES: [bigint, string][] = [
  [1_000_000_000_000n, 'T'],
  [1_000_000_000n, 'G'],
  [1_000_000n, 'M'],
  [1_000n, 'k'],
];

/** Three digits or so: "1,234", "12.3k", "4.56M". Up to 9,999 it is exact. */
export function compact(value: string | number | bigint | null | undefined): string {
  const big = toBig(value);
  if (big === null) return '–';
  const size = big < 0n ? -big : big;
  if (size < 10_000n) return exact(big);
  for (const [scale, unit] of SCALES) {
    if (size < scale) continue;
    return `${digits(Number((size * 1_000n) / scale) / 1_000, big < 0n)}${unit}`;
  }
  return exact(big);
}

function digits(value: number, isNegative: boolean): string {
  const places = value < 10 ? 2 : value < 100 ? 1 : 0;
  // Cut, not rounded: 999,999 is not a million yet. (4.56 * 100 is 455.99…)
  const cut = Math.floor(value * 10 ** places + 1e-9) / 10 ** places;
  return `${isNegative ? '-' : ''}${cut.toLocaleString('en', { maximumFractionDigits: places })}`;
}

/** Of a rate: "0", "0.42", "12.3", "4.56k". */
export function rate(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  if (value < 0.01) return '<0.01';
  return value < 1_000 ? digits(value, false) : compact(value);
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export function bytes(value: string | number | null | undefined): string {
  const big = toBig(value);
  if (big === null) return '–';
  let size = Number(big);
  let unit = 0;
  while (size >= 1024 && unit < BYTES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : digits(size, false)} ${BYTES[unit]}`;
}

const SPANS: [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** A length of time, in at most two units: "850 ms", "12 s", "3 min 20 s", "2 d 4 h". */
export function duration(value: string | number | null | undefined): string {
  const big = toBig(value);
  if (big === null) return '–';
  const ms = Number(big);
  if (Math.abs(ms) < 1_000) return `${ms} ms`;
  for (const [i, [span, unit]] of SPANS.entries()) {
    if (Math.abs(ms) < span) continue;
    const whole = Math.trunc(ms / span);
    const next = SPANS[i + 1];
    const rest = next ? Math.trunc(Math.abs(ms % span) / next[0]) : 0;
    return next && rest > 0 ? `${whole} ${unit} ${rest} ${next[1]}` : `${whole} ${unit}`;
  }
  return `${ms} ms`;
}

/** Microseconds since 1970, as the API tells times, in milliseconds; null: never. */
export function toMs(us: string | number | null | undefined): number | null {
  const big = toBig(us);
  return big === null || big <= 0n ? null : Number(big / 1_000n);
}

const two = (n: number, width = 2) => String(n).padStart(width, '0');

/** "2026-11-23 01:29:30.123", with "Z" when it is UTC. */
export function timestamp(ms: number, clock: 'local' | 'utc', hasMillis = false): string {
  const shifted = new Date(clock === 'utc' ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000);
  const day = `${shifted.getUTCFullYear()}-${two(shifted.getUTCMonth() + 1)}-${two(shifted.getUTCDate())}`;
  const hour = `${two(shifted.getUTCHours())}:${two(shifted.getUTCMinutes())}:${two(shifted.getUTCSeconds())}`;
  return `${day} ${hour}${hasMillis ? `.${two(shifted.getUTCMilliseconds(), 3)}` : ''}${clock === 'utc' ? 'Z' : ''}`;
}

/** "3 minutes ago", "in 2 hours", in the language's words. */
export function relative(ms: number, now: number, language: 'en' | 'zh'): string {
  const words = new Intl.RelativeTimeFormat(language === 'zh' ? 'zh-CN' : 'en', { numeric: 'auto' });
  const seconds = Math.round((ms - now) / 1_000);
  const size = Math.abs(seconds);
  if (size < 60) return words.format(seconds, 'second');
  if (size < 3_600) return words.format(Math.trunc(seconds / 60), 'minute');
  if (size < 86_400) return words.format(Math.trunc(seconds / 3_600), 'hour');
  if (size < 86_400 * 30) return words.format(Math.trunc(seconds / 86_400), 'day');
  if (size < 86_400 * 365) return words.format(Math.trunc(seconds / (86_400 * 30)), 'month');
  return words.format(Math.trunc(seconds / (86_400 * 365)), 'year');
}
