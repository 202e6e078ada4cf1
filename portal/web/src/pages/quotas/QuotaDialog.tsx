import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ReasonField } from '@/pages/shared/ReasonField';
import { JsonDiff } from '@/pages/shared/JsonDiff';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import {
  amountFrom,
  amountText,
  COUNTED,
  type Field,
  FIELDS,
  isBytes,
  type TeamQuota,
  type TeamQuotaUse,
} from './quota';

type Texts = Record<Field, string>;

const textsOf = (quota: TeamQuota) =>
  Object.fromEntries(FIELDS.map((field) => [field, amountText(quota[field], isBytes(field))])) as Texts;

/** Without those that are empty: they have no limit. */
function quotaFrom(team: string, texts: Texts): TeamQuota {
  const limits = FIELDS.map((field) => [field, amountFrom(texts[field])] as const).filter(([, amount]) => amount);
  return { team, ...Object.fromEntries(limits) };
}

/** All limits of a team, with what changes below them: a quota is put as a whole. */
export function QuotaDialog({ use, onClose }: { use: TeamQuotaUse; onClose: () => void }) {
  const t = useT();
  const { team } = use.quota;
  const [texts, setTexts] = useState(textsOf(use.quota));
  const [reason, setReason] = useState('');
  const faultOf = (field: Field) => (amountFrom(texts[field]) === null ? t('quotas.noAmount') : undefined);
  const isWhole = FIELDS.every((field) => faultOf(field) === undefined);
  const after = quotaFrom(team, texts);
  const act = useAct({
    act: () =>
      take(http.PUT('/quotas/{team}', { params: { path: { team }, query: reason ? { reason } : {} }, body: after })),
    touches: [['quotas']],
    done: () => t('quotas.saved', { team }),
    onDone: onClose,
    toastErrors: false,
  });
  return (
    <Dialog title={t('quotas.of', { team })} onClose={onClose} isWide>
      <Form
        onSend={() => isWhole && act.mutate(undefined)}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" disabled={!isWhole} isBusy={act.isPending}>
              {t('common.save')}
            </Button>
          </>
        }
      >
        <p>{t('quotas.emptyIs')}</p>
        {FIELDS.map((field) => (
          <TextField
            key={field}
            label={t(`quotas.${field}`)}
            hint={
              (COUNTED as readonly string[]).includes(field)
                ? t('quotas.uses', { used: amountText(use[field as 'topics'], isBytes(field)) })
                : undefined
            }
            placeholder={t('quotas.unlimited')}
            value={texts[field]}
            onValue={(text) => setTexts({ ...texts, [field]: text })}
            error={faultOf(field)}
          />
        ))}
        <JsonDiff before={use.quota} after={after} caption={t('quotas.of', { team })} />
        <ReasonField value={reason} onValue={setReason} />
      </Form>
    </Dialog>
  );
}
