import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ReasonField } from '@/pages/shared/ReasonField';
import { useNeeds } from '@/pages/shared/who';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { SelectField } from '@/ui/Field';
import { Form } from '@/ui/Form';
import { Card } from '@/ui/Page';

import css from './quotas.module.css';

const MODES = ['off', 'log', 'enforce'] as const;
type Mode = (typeof MODES)[number];
const tones = { off: 'quiet', log: 'info', enforce: 'good' } as const;
const isMode = (text: string): text is Mode => (MODES as readonly string[]).includes(text);

/** Whether limits of rates hold at all; it stands first, since all else depends on it. */
export function ModeCard({ mode }: { mode: string }) {
  const t = useT();
  const needs = useNeeds();
  const [isOpen, setOpen] = useState(false);
  return (
    <Card>
      <div className={css.mode}>
        <Badge tone={isMode(mode) ? tones[mode] : 'quiet'}>{isMode(mode) ? t(`quotas.${mode}`) : mode}</Badge>
        <p>{isMode(mode) && t(`quotas.${mode}Why`)}</p>
        <Button {...needs('operator')} onClick={() => setOpen(true)}>
          {t('quotas.setMode')}
        </Button>
      </div>
      {isOpen && <ModeDialog mode={mode} onClose={() => setOpen(false)} />}
    </Card>
  );
}

function ModeDialog({ mode, onClose }: { mode: string; onClose: () => void }) {
  const t = useT();
  const [wanted, setWanted] = useState<Mode>(isMode(mode) ? mode : 'log');
  const [reason, setReason] = useState('');
  const act = useAct({
    act: () => take(http.PUT('/quota-mode', { params: { query: reason ? { reason } : {} }, body: { mode: wanted } })),
    touches: [['quotas']],
    done: () => t(`quotas.${wanted}`),
    onDone: onClose,
    toastErrors: false,
  });
  return (
    <Dialog title={t('quotas.setMode')} onClose={onClose}>
      <Form
        onSend={() => act.mutate(undefined)}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" disabled={wanted === mode} isBusy={act.isPending}>
              {t('common.save')}
            </Button>
          </>
        }
      >
        <SelectField
          label={t('quotas.mode')}
          hint={t(`quotas.${wanted}Why`)}
          value={wanted}
          onValue={(chosen) => isMode(chosen) && setWanted(chosen)}
          options={MODES.map((one) => [one, t(`quotas.${one}`)] as const)}
        />
        <ReasonField value={reason} onValue={setReason} />
      </Form>
    </Dialog>
  );
}
