import type { ReactNode } from 'react';

import css from './cards.module.css';

/** Of one card: the rest is on its own page. */
export const SHOWN_MAX = 8;

export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={css.rows} aria-label={label}>
      {children}
    </ul>
  );
}
