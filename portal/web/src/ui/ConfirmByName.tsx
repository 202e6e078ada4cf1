import type { ReactNode } from 'react';
import { useState } from 'react';

import { useT } from '@/i18n/translate';

import { Button } from './Button';
import { Dialog } from './Dialog';
import css from './Dialog.module.css';
import { TextField } from './Field';
import { Form } from './Form';

/** Before something is destroyed: what will happen, and its name typed by hand. */
export function ConfirmByName({
  title,
  name,
  consequences,
  action,
  asksReason = false,
  isReady = true,
  isBusy,
  error,
  onConfirm,
  onClose,
}: {
  title: string;
  /** What has to be typed. */
  name: string;
  /** What goes, what stays, until when it can be undone. */
  consequences: ReactNode;
  /** Of the button: "Delete the topic". */
  action: string;
  asksReason?: boolean;
  /** False: there is nothing to do yet. */
  isReady?: boolean;
  isBusy?: boolean;
  error?: Error | null;
  onConfirm: (reason: string) => void;
  onClose: () => void;
}) {
  const t = useT();
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const isSure = typed === name && isReady;
  return (
    <Dialog title={title} onClose={onClose}>
      <div className={css.stack}>{consequences}</div>
      <Form
        onSend={() => isSure && onConfirm(reason)}
        error={error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="danger" disabled={!isSure} isBusy={isBusy}>
              {action}
            </Button>
          </>
        }
      >
        {asksReason && (
          <TextField
            label={t('common.reason')}
            hint={t('common.reasonHint')}
            isOptional
            value={reason}
            onValue={setReason}
            maxLength={200}
          />
        )}
        <TextField label={t('common.typeName', { name })} value={typed} onValue={setTyped} autoFocus />
      </Form>
    </Dialog>
  );
}
