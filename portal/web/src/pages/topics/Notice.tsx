import { Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

import css from './Notice.module.css';

/** A sentence that stands above what it is about; it may be long. */
export function Notice({ tone, children }: { tone: 'info' | 'warn'; children: ReactNode }) {
  const Sign = tone === 'warn' ? TriangleAlert : Info;
  return (
    <p className={`${css.notice} ${css[tone]}`}>
      <Sign size={16} aria-hidden="true" />
      <span>{children}</span>
    </p>
  );
}
