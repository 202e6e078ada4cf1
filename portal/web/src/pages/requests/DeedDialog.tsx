import { useState } from 'react';

import { http, ifMatch, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { AreaField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { type ChangeRequest, type Deed, needsReason } from './request';
import css from './requests.module.css';

/** Long enough for most bundles to be applied before the page shows what came of it. */
const WAIT_MS = 5_000;

const send = (id: string, etag: string, deed: Deed, reason: string) => {
  const call = {
    params: { path: { id }, header: ifMatch(etag) },
    body: { wait_ms: WAIT_MS, ...(reason && { reason }) },
  };
  switch (deed) {
    case 'approve':
      return take(http.POST('/requests/{id}:approve', call));
    case 'decline':
      return take(http.POST('/requests/{id}:decline', call));
    case 'submit':
      return take(http.POST('/requests/{id}:submit', call));
    case 'withdraw':
      return take(http.POST('/requests/{id}:withdraw', call));
    case 'break-glass':
      return take(http.POST('/requests/{id}:break-glass', call));
    case 'give-up':
      return take(http.POST('/requests/{id}:give-up', call));
  }
};

/** Before a deed: what it does, and why one does it. It counts for the version that is shown, and no other. */
export function DeedDialog({
  request,
  etag,
  deed,
  onClose,
}: {
  request: ChangeRequest;
  etag: string;
  deed: Deed;
  onClose: () => void;
}) {
  const t = useT();
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  // What was on the page when the dialog was opened: later changes are for another look.
  const [seen] = useState(etag);
  const isNeeded = needsReason(deed);
  const isMissing = isNeeded && reason.trim() === '';
  const act = useAct({
    act: () => send(request.id, seen, deed, reason.trim()),
    touches: [['requests'], ['topics'], ['teams'], ['grants'], ['quotas']],
    done: (answer) => t('requests.nowIs', { id: request.id, state: answer.request?.state ?? '' }),
    onDone: onClose,
    toastErrors: false,
  });
  const go = () => {
    setTried(true);
    if (!isMissing) act.mutate(undefined);
  };
  const isGrave = deed === 'decline' || deed === 'break-glass' || deed === 'give-up';
  return (
    <Dialog title={t(`requests.do.${deed}`)} onClose={onClose}>
      <Form
        onSend={go}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind={isGrave ? 'danger' : 'primary'} isBusy={act.isPending}>
              {t(`requests.do.${deed}`)}
            </Button>
          </>
        }
      >
        <p className={css.soft}>{t(`requests.does.${deed}`)}</p>
        <AreaField
          label={t('common.reason')}
          hint={t('common.reasonHint')}
          isOptional={!isNeeded}
          value={reason}
          onValue={setReason}
          error={isTried && isMissing ? t('common.required') : undefined}
          maxLength={500}
          rows={3}
          autoFocus
        />
      </Form>
    </Dialog>
  );
}
