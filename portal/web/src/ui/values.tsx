/** Values as people read them, exact on hover: Num, Bytes, Rate, Span, Time. */
import type { ReactNode } from 'react';

import { useT } from '@/i18n/translate';
import { bytes, compact, duration, exact, rate, relative, timestamp, toBig, toMs } from '@/lib/format';
import { useNow } from '@/lib/now';
import { useSettings } from '@/lib/settings';

import css from './values.module.css';

/** What is there by default, or is not there: less loud than what somebody chose. */
export const Quiet = ({ children }: { children: ReactNode }) => <span className={css.quiet}>{children}</span>;

type Number64 = string | number | null | undefined;

/** A count: "12.3k". A 64-bit number comes as text and stays exact on hover. `isExact`: offsets, ids. */
export function Num({ value, isExact = false }: { value: Number64; isExact?: boolean }) {
  return (
    <span className={css.number} title={exact(value)}>
      {isExact ? exact(value) : compact(value)}
    </span>
  );
}

export function Bytes({ value }: { value: Number64 }) {
  return (
    <span className={css.number} title={`${exact(value)} B`}>
      {bytes(value)}
    </span>
  );
}

/** Of a second. */
export function Rate({ value }: { value: number | null | undefined }) {
  return (
    <span className={css.number}>
      {rate(value)}
      {value != null && <span className={css.unit}>/s</span>}
    </span>
  );
}

/** A length of time, of milliseconds. */
export function Span({ ms }: { ms: Number64 }) {
  return (
    <span className={css.number} title={toBig(ms) === null ? undefined : `${exact(ms)} ms`}>
      {duration(ms)}
    </span>
  );
}

/** A moment, of microseconds: "3 minutes ago", its date on hover. `isAbsolute`: the other way round. */
export function Time({ us, isAbsolute = false }: { us: Number64; isAbsolute?: boolean }) {
  const t = useT();
  const now = useNow();
  const { clock, language } = useSettings();
  const ms = toMs(us);
  if (ms === null) return <span className={css.quiet}>{t('common.never')}</span>;
  const absolute = timestamp(ms, clock, isAbsolute);
  const since = relative(ms, now, language);
  return (
    <time className={css.time} dateTime={new Date(ms).toISOString()} title={isAbsolute ? since : absolute}>
      {isAbsolute ? absolute : since}
    </time>
  );
}
