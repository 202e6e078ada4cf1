import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { touchedBy } from '@/pages/groups/reads';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { AreaField, CheckField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { canEditHeaders, changesOf, formOf } from './editForm';
import { idText, type Letter } from './letterFilter';

/** Mends a message and lets the group's handlers try that; the log keeps it as it was. */
export function EditDialog({ letter, onClose }: { letter: Letter; onClose: () => void }) {
  const t = useT();
  const { id } = letter;
  const [form, setForm] = useState(() => formOf(letter));
  const [reason, setReason] = useState('');
  const changes = changesOf(letter, form);
  const isChanged = changes !== null && Object.keys(changes).length > 0;
  const send = useAct({
    act: () => {
      const body = { id, ...changes, ...(reason && { reason }) };
      return take(
        http.POST('/groups/{group}/dead-letters:redrive-edited', { params: { path: { group: id.group } }, body }),
      );
    },
    touches: touchedBy(id.group),
    done: () => t('deadLetters.editedDone', { id: idText(id) }),
    onDone: onClose,
    toastErrors: false,
  });
  const isBinary = letter.message.body_base64 !== undefined;
  return (
    <Dialog title={t('deadLetters.editTitle', { id: idText(id) })} onClose={onClose} isWide>
      <p>{t('deadLetters.editWhat')}</p>
      <Form
        onSend={() => isChanged && send.mutate(undefined)}
        error={send.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" disabled={!isChanged} isBusy={send.isPending}>
              {t('deadLetters.editSend')}
            </Button>
          </>
        }
      >
        <TextField
          label={t('deadLetters.key')}
          disabled={form.isKeyless}
          value={form.key}
          onValue={(key) => setForm({ ...form, key })}
        />
        <CheckField
          label={t('deadLetters.noKey')}
          isOn={form.isKeyless}
          onChange={(isKeyless) => setForm({ ...form, isKeyless })}
        />
        <AreaField
          label={t('deadLetters.headers')}
          hint={t(canEditHeaders(letter) ? 'deadLetters.headersHint' : 'deadLetters.headersBinary')}
          error={changes === null ? t('deadLetters.headersWrong') : undefined}
          disabled={!canEditHeaders(letter)}
          value={form.headers}
          onValue={(headers) => setForm({ ...form, headers })}
        />
        <AreaField
          label={t('deadLetters.body')}
          hint={isBinary ? t('deadLetters.bodyBinary') : undefined}
          rows={10}
          disabled={form.isBodyless}
          value={form.body}
          onValue={(body) => setForm({ ...form, body })}
        />
        <CheckField
          label={t('deadLetters.noBody')}
          isOn={form.isBodyless}
          onChange={(isBodyless) => setForm({ ...form, isBodyless })}
        />
        <TextField label={t('common.reason')} isOptional maxLength={200} value={reason} onValue={setReason} />
      </Form>
    </Dialog>
  );
}
