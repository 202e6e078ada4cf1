import type { ButtonHTMLAttributes, ReactNode } from 'react';

import { Link } from './Link';
import css from './Button.module.css';

export type ButtonKind = 'primary' | 'normal' | 'quiet' | 'danger';

interface Look {
  /** One primary button for each page or dialog. */
  kind?: ButtonKind;
  icon?: ReactNode;
  isSmall?: boolean;
}

const look = ({ kind = 'normal', isSmall = false }: Look, hasText = true) =>
  [css.button, css[kind], isSmall && css.small, !hasText && css.icon].filter(Boolean).join(' ');

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement>, Look {
  /** At work: it cannot be pressed again, and says so. */
  isBusy?: boolean;
}

export function Button({ kind, icon, isSmall, isBusy = false, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={look({ kind, isSmall })}
      disabled={disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      {...rest}
    >
      {isBusy ? <span className={css.busy} aria-hidden="true" /> : icon}
      {children}
    </button>
  );
}

/** A button of one icon; `label` is what it does, for screen readers and on hover. */
export function IconButton({
  label,
  icon,
  kind = 'quiet',
  isSmall,
  ...rest
}: { label: string } & Omit<ButtonProps, 'isBusy'>) {
  return (
    <button type="button" className={look({ kind, isSmall }, false)} aria-label={label} title={label} {...rest}>
      {icon}
    </button>
  );
}

/** A link that looks like a button: it leads to another page. */
export function ButtonLink({ to, kind, icon, isSmall, children }: Look & { to: string; children: ReactNode }) {
  return (
    <Link to={to} className={look({ kind, isSmall })}>
      {icon}
      {children}
    </Link>
  );
}
