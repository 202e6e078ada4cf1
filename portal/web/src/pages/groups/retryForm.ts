/** A retry policy as a form has it, and back. */
import type { Schemas } from '@/api/client';

import { parseSpan, spanText } from './span';

export type RetryPolicy = Schemas['RetryPolicy'];

export interface RetryForm {
  maxAttempts: string;
  /** Exponential waits, or a list of them. */
  hasList: boolean;
  firstDelay: string;
  maxDelay: string;
  multiplier: string;
  delays: string;
  jitter: string;
  fatalReasons: string;
  retryableReasons: string;
}

/** What holds where nothing was set; as common/core/retry/retry_policy.h has it. */
export const DEFAULT_POLICY = {
  max_attempts: 16,
  first_delay_ms: '1000',
  max_delay_ms: '3600000',
  multiplier: 2,
  jitter: 0.2,
} satisfies RetryPolicy;

const DELAYS_MAX = 64;
const DELAY_MS_MAX = 30 * 86_400_000;

const words = (text: string) => text.split(/[\s,]+/).filter((word) => word !== '');

export function formOf(policy: RetryPolicy): RetryForm {
  const of = { ...DEFAULT_POLICY, ...policy };
  const delays = policy.delays_ms ?? [];
  return {
    maxAttempts: String(of.max_attempts),
    hasList: delays.length > 0,
    firstDelay: spanText(of.first_delay_ms),
    maxDelay: spanText(of.max_delay_ms),
    multiplier: String(of.multiplier),
    delays: delays.map(spanText).join(', '),
    jitter: String(of.jitter),
    fatalReasons: (policy.fatal_reasons ?? []).join(', '),
    retryableReasons: (policy.retryable_reasons ?? []).join(', '),
  };
}

const within = (text: string, min: number, max: number) => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return value >= min && value <= max ? value : null;
};

export type Faults = Partial<Record<keyof RetryForm, true>>;

/** The policy, or the fields that are wrong; the server checks the same again. */
export function policyOf(form: RetryForm): { policy: RetryPolicy; faults: Faults } {
  const faults: Faults = {};
  const or = <T>(field: keyof RetryForm, value: T | null): T | undefined => {
    if (value === null) faults[field] = true;
    return value ?? undefined;
  };
  const span = (field: keyof RetryForm, text: string) => {
    const ms = parseSpan(text);
    return or(field, ms === null || ms > DELAY_MS_MAX ? null : String(ms));
  };
  const attempts = or('maxAttempts', within(form.maxAttempts, 1, 1_000));
  if (attempts !== undefined && !Number.isInteger(attempts)) faults.maxAttempts = true;
  const listed = form.delays.split(',').map((one) => one.trim());
  const policy: RetryPolicy = {
    max_attempts: attempts,
    jitter: or('jitter', within(form.jitter, 0, 1)),
    ...(form.hasList
      ? { delays_ms: listed.slice(0, DELAYS_MAX).flatMap((one) => span('delays', one) ?? []) }
      : {
          first_delay_ms: span('firstDelay', form.firstDelay),
          max_delay_ms: span('maxDelay', form.maxDelay),
          multiplier: or('multiplier', within(form.multiplier, 1, 100)),
        }),
    ...(words(form.fatalReasons).length > 0 && { fatal_reasons: words(form.fatalReasons) }),
    ...(words(form.retryableReasons).length > 0 && { retryable_reasons: words(form.retryableReasons) }),
  };
  if (form.hasList && listed.length > DELAYS_MAX) faults.delays = true;
  return { policy, faults };
}

/** The waits after the first failures, in milliseconds, without what is random in them. */
export function waitsOf(policy: RetryPolicy, most = 8): number[] {
  const of = { ...DEFAULT_POLICY, ...policy };
  const count = Math.min(of.max_attempts - 1, most);
  const delays = (policy.delays_ms ?? []).map(Number);
  return Array.from({ length: Math.max(count, 0) }, (_, i) =>
    delays.length > 0
      ? (delays[Math.min(i, delays.length - 1)] as number)
      : Math.min(Number(of.first_delay_ms) * of.multiplier ** i, Number(of.max_delay_ms)),
  );
}

/** How long a record that always fails is tried, at most, in milliseconds; handlers' own time aside. */
export const patienceOf = (policy: RetryPolicy): number => waitsOf(policy, 1_000).reduce((sum, wait) => sum + wait, 0);
