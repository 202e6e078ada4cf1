import type { ReactNode } from 'react';

import css from './Empty.module.css';

/** Nothing is here: why, and what the next step is. */
export function Empty({
  icon,
  title,
  text,
  children,
  isSmall = false,
}: {
  icon?: ReactNode;
  title: string;
  text?: ReactNode;
  /** The next step: a button, a command. */
  children?: ReactNode;
  /** Within a card, which has a heading of its own. */
  isSmall?: boolean;
}) {
  const Heading = isSmall ? 'h3' : 'h2';
  return (
    <div className={`${css.empty} ${isSmall ? css.small : ''}`}>
      {icon && <div className={css.icon}>{icon}</div>}
      <Heading>{title}</Heading>
      {text && <p>{text}</p>}
      {children && <div className={css.next}>{children}</div>}
    </div>
  );
}
