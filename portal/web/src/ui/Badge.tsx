import { Check, CircleAlert, Info, Minus, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

import css from './Badge.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet';

const signs = { good: Check, warn: TriangleAlert, bad: CircleAlert, info: Info, quiet: Minus };

/** A state: a sign and a word, so that the colour is never alone. `title`: what it means. */
export function Badge({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }) {
  const Sign = signs[tone];
  return (
    <span className={`${css.badge} ${css[tone]}`} title={title}>
      <Sign size={13} strokeWidth={2.5} aria-hidden="true" />
      {children}
    </span>
  );
}
