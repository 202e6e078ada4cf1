import { useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { touchedBy } from '@/pages/groups/reads';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Dialog } from '@/ui/Dialog';
import { SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { randomId } from './letterFilter';
import { type Meant, meantCount, meantFilter, meantWords } from './meant';

type Target = 'GROUP' | 'TOPIC';

/** Lets handlers try again; brokers move the letters in the background. */
export function RedriveDialog({
  group,
  meant,
  counts,
  onDone,
  onClose,
}: {
  group: string;
  meant: Meant;
  counts: readonly Schemas['DeadLetterCount'][];
  onDone: () => void;
  onClose: () => void;
}) {
  const t = useT();
  // One id as long as the dialog is open: pressed twice, it is one redrive.
  const [id] = useState(() => randomId());
  const [openedMs] = useState(() => Date.now());
  const [target, setTarget] = useState<Target>('GROUP');
  const [perSecond, setPerSecond] = useState('');
  const [reason, setReason] = useState('');
  const rate = /^\d{1,7}$/.test(perSecond) ? Number(perSecond) : perSecond.trim() === '' ? 0 : null;
  const redrive = useAct({
    act: () => {
      const body = { id, filter: meantFilter(group, meant, openedMs), target, ...(rate && { per_second: rate }) };
      const params = { path: { group } };
      return take(
        http.POST('/groups/{group}/dead-letters:redrive', { params, body: { ...body, ...(reason && { reason }) } }),
      );
    },
    touches: [...touchedBy(group), ['redrives']],
    done: () => t('deadLetters.redriveBegun'),
    onDone,
    toastErrors: false,
  });
  const count = meantCount(meant, counts);
  const words = [
    ...meantWords(meant),
    ...(target === 'TOPIC' ? ['--to', 'topic'] : []),
    ...(rate ? ['--rate', rate] : []),
    ...(reason ? ['--note', reason] : []),
  ];
  return (
    <Dialog title={t('deadLetters.redriveTitle')} onClose={onClose}>
      <p>{count === null ? t('deadLetters.redriveAllFound') : t('deadLetters.redriveCount', { n: count })}</p>
      <Form
        onSend={() => rate !== null && redrive.mutate(undefined)}
        error={redrive.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" disabled={rate === null} isBusy={redrive.isPending}>
              {t('deadLetters.redrive')}
            </Button>
          </>
        }
      >
        <SelectField
          label={t('deadLetters.target')}
          hint={t(target === 'GROUP' ? 'deadLetters.targetGroupHint' : 'deadLetters.targetTopicHint')}
          options={[
            ['GROUP', t('deadLetters.targetGroup')],
            ['TOPIC', t('deadLetters.targetTopic')],
          ]}
          value={target}
          onValue={(to) => setTarget(to as Target)}
        />
        <TextField
          label={t('deadLetters.perSecond')}
          hint={t('deadLetters.perSecondHint')}
          isOptional
          inputMode="numeric"
          value={perSecond}
          onValue={setPerSecond}
        />
        <TextField label={t('common.reason')} isOptional maxLength={200} value={reason} onValue={setReason} />
      </Form>
      <Command text={commandLine('dlq', 'redrive', '-g', group, ...words)} />
    </Dialog>
  );
}
