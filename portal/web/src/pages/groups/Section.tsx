import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

import css from './Section.module.css';

/** A part of a page with a heading; a table in it has a frame of its own. */
export function Section({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={css.section}>
      <div className={css.head}>
        <div>
          <h2>{title}</h2>
          {lead && <p className={css.lead}>{lead}</p>}
        </div>
        {actions && <div className={css.actions}>{actions}</div>}
      </div>
      {children}
    </section>
  );
}

const signs = { info: Info, warn: TriangleAlert, bad: CircleAlert };

/** What must be seen before the rest: it is paused, figures are old. */
export function Note({
  tone = 'info',
  children,
  actions,
}: {
  tone?: keyof typeof signs;
  children: ReactNode;
  actions?: ReactNode;
}) {
  const Sign = signs[tone];
  return (
    <div className={`${css.note} ${tone === 'info' ? '' : css[tone]}`}>
      <Sign size={18} aria-hidden="true" />
      <div className={css.text}>{children}</div>
      {actions && <div className={css.actions}>{actions}</div>}
    </div>
  );
}

/** Buttons beside each other, where there are any. */
export const Deeds = ({ children }: { children: ReactNode[] }) =>
  children.length > 0 && <div className={css.actions}>{children}</div>;

/** Things below each other. */
export const Stack = ({ children }: { children: ReactNode }) => <div className={css.stack}>{children}</div>;
