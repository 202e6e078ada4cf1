import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { type Key, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Dialog } from '@/ui/Dialog';
import { SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { touchedBy } from './reads';
import { parseSpan, toUs } from './span';

/** Values are what parseSpan reads; '' is until somebody resumes it. */
const ENDS: [value: string, text: Key][] = [
  ['30m', 'groups.for30m'],
  ['2h', 'groups.for2h'],
  ['1d', 'groups.for1d'],
  ['', 'groups.forOpen'],
];

/** Holds back what the group would be handed out; its members stay, and commit what they have. */
export function PauseDialog({ group, onClose }: { group: string; onClose: () => void }) {
  const t = useT();
  const [end, setEnd] = useState('30m');
  const [reason, setReason] = useState('');
  const pause = useAct({
    act: () => {
      const ms = parseSpan(end);
      const body = { ...(reason && { reason }), ...(ms !== null && { until_us: toUs(Date.now() + ms) }) };
      return take(http.POST('/groups/{group}:pause', { params: { path: { group } }, body }));
    },
    touches: touchedBy(group),
    done: ({ partitions }) => t('groups.paused', { n: partitions.length }),
    onDone: onClose,
    toastErrors: false,
  });
  const words = ['group', 'pause', group, ...(reason ? ['--reason', reason] : []), ...(end ? ['--for', end] : [])];
  return (
    <Dialog title={t('groups.pauseTitle', { group })} onClose={onClose}>
      <p>{t('groups.pauseWhat')}</p>
      <Form
        onSend={() => pause.mutate(undefined)}
        error={pause.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" isBusy={pause.isPending}>
              {t('groups.pause')}
            </Button>
          </>
        }
      >
        <SelectField
          label={t('groups.pauseEnd')}
          options={ENDS.map(([value, text]) => [value, t(text)] as const)}
          value={end}
          onValue={setEnd}
        />
        <TextField
          label={t('common.reason')}
          hint={t('groups.pauseReasonHint')}
          isOptional
          maxLength={200}
          value={reason}
          onValue={setReason}
        />
      </Form>
      <Command text={commandLine(...words)} />
    </Dialog>
  );
}
