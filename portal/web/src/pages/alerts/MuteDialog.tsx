import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { type Key, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { parseSpan } from '@/pages/groups/span';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Dialog } from '@/ui/Dialog';
import { SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { quietened } from './alertRow';

const SPANS: [value: string, text: Key][] = [
  ['1h', 'alerts.for1h'],
  ['2h', 'alerts.for2h'],
  ['8h', 'alerts.for8h'],
  ['1d', 'alerts.for1d'],
  ['7d', 'alerts.for7d'],
];

/** No notices for a while; states go on, and what still fires when it ends is told then. */
export function MuteDialog({ kind, subject, onClose }: { kind: string; subject: string; onClose: () => void }) {
  const t = useT();
  const [wish, setWish] = useState({ kind, subject, reason: '' });
  const [span, setSpan] = useState('2h');
  const open = useRead(['alerts', 'open'], (signal) =>
    take(http.GET('/alerts', { params: { query: { limit: 1_000, max: 5_000 } }, signal })),
  );
  const mute = useAct({
    act: () => take(http.POST('/silences', { body: { ...wish, for_ms: String(parseSpan(span)) } })),
    touches: [['alerts'], ['silences']],
    done: () => t('alerts.mutedDone'),
    onDone: onClose,
    toastErrors: false,
  });
  const isRight = wish.kind !== '' && wish.subject !== '' && wish.reason.trim() !== '';
  const words = ['alert', 'silence', '-s', wish.subject, ...(wish.kind === '*' ? [] : ['--kind', wish.kind])];
  const field = (key: keyof typeof wish) => ({
    value: wish[key],
    onValue: (value: string) => setWish({ ...wish, [key]: value }),
    error: mute.error?.faultOf(`/${key}`),
  });
  return (
    <Dialog title={t('alerts.muteTitle')} onClose={onClose}>
      <p>{t('alerts.muteWhat')}</p>
      <Form
        onSend={() => isRight && mute.mutate(undefined)}
        error={mute.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" disabled={!isRight} isBusy={mute.isPending}>
              {t('alerts.mute')}
            </Button>
          </>
        }
      >
        <TextField label={t('alerts.subject')} hint={t('alerts.patternHint')} {...field('subject')} />
        <TextField label={t('alerts.kind')} hint={t('alerts.kindHint')} {...field('kind')} />
        <SelectField
          label={t('alerts.for')}
          options={SPANS.map(([value, text]) => [value, t(text)] as const)}
          value={span}
          onValue={setSpan}
        />
        <TextField
          label={t('common.reason')}
          hint={t('alerts.reasonHint')}
          maxLength={200}
          autoFocus
          {...field('reason')}
        />
        {open.data && <p role="status">{t('alerts.quietens', { n: quietened(open.data.alerts, wish).length })}</p>}
      </Form>
      <Command text={commandLine(...words, '--for', span, '--reason', wish.reason || 'why')} />
    </Dialog>
  );
}
