import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useId, useLayoutEffect, useRef } from 'react';

import { useT } from '@/i18n/translate';

import { IconButton } from './Button';
import css from './Dialog.module.css';

interface DialogProps {
  title: string;
  /** Also by Escape and by a click beside it. */
  onClose: () => void;
  children: ReactNode;
  isWide?: boolean;
}

/** In front of everything; the browser's own dialog keeps the focus within. Shown while it is rendered. */
export function Dialog({ title, onClose, children, isWide = false }: DialogProps) {
  const t = useT();
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  // Before it leaves the document: a dialog that is closed gives the focus back to what opened it, one that is removed does not.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    // What is typed belongs into the first field, not onto the button that closes.
    dialog?.querySelector<HTMLElement>('input, textarea, select')?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={`${css.dialog} ${isWide ? css.wide : ''}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className={css.head}>
        <h2 id={id}>{title}</h2>
        <IconButton label={t('common.close')} icon={<X size={17} />} onClick={onClose} />
      </div>
      <div className={css.body}>{children}</div>
    </dialog>
  );
}
