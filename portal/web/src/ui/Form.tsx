import type { FormEvent, ReactNode } from 'react';

import { ApiError } from '@/api/problem';

import { ErrorBox } from './ErrorBox';
import css from './Form.module.css';

/** Fields below each other, what went wrong, and the buttons. Enter sends it. */
export function Form({
  onSend,
  error,
  errorTitle,
  children,
  buttons,
}: {
  onSend: () => void;
  /** Of the call; what belongs to single fields stays with them (TextField's `error`). */
  error?: Error | null;
  errorTitle?: string;
  children: ReactNode;
  /** The one that sends it is <Button type="submit">. */
  buttons: ReactNode;
}) {
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSend();
  };
  return (
    <form className={css.form} onSubmit={send} noValidate>
      {children}
      {error && <ErrorBox error={error} title={errorTitle ?? titleOf(error)} />}
      <div className={css.buttons}>{buttons}</div>
    </form>
  );
}

const titleOf = (error: Error) => (error instanceof ApiError ? error.code : error.name);
