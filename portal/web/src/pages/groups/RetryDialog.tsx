import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { duration } from '@/lib/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { groupKey } from './reads';
import css from './ResetForm.module.css';
import { formOf, patienceOf, policyOf, type RetryForm, type RetryPolicy, waitsOf } from './retryForm';

/** What becomes of records that handlers fail, and what that comes to while one types. */
export function RetryDialog({
  group,
  topic,
  policy,
  onClose,
}: {
  group: string;
  /** '': all topics; null: one that is to be named. */
  topic: string | null;
  policy: RetryPolicy;
  onClose: () => void;
}) {
  const t = useT();
  const [name, setName] = useState('');
  const [form, setForm] = useState(() => formOf(policy));
  const { policy: wanted, faults } = policyOf(form);
  const isRight = Object.keys(faults).length === 0 && (topic !== null || name.trim() !== '');
  const of = topic ?? name.trim();
  const save = useAct({
    act: () => {
      const body = { ...(of && { topic: of }), policy: wanted };
      return take(http.PUT('/groups/{group}/policy', { params: { path: { group } }, body }));
    },
    touches: [groupKey(group)],
    done: () => t('groups.retrySaved'),
    onDone: onClose,
    toastErrors: false,
  });
  const field = (key: keyof RetryForm & string) => ({
    value: form[key] as string,
    onValue: (value: string) => setForm({ ...form, [key]: value }),
    error: faults[key] ? t('groups.fieldWrong') : undefined,
  });
  return (
    <Dialog title={of ? t('groups.retryOf', { topic: of }) : t('groups.retryAllTopics')} onClose={onClose} isWide>
      <Form
        onSend={() => isRight && save.mutate(undefined)}
        error={save.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" disabled={!isRight} isBusy={save.isPending}>
              {t('common.save')}
            </Button>
          </>
        }
      >
        {topic === null && <TextField label={t('groups.topic')} value={name} onValue={setName} />}
        <div className={css.fields}>
          <TextField
            label={t('groups.maxAttempts')}
            hint={t('groups.maxAttemptsHint')}
            inputMode="numeric"
            {...field('maxAttempts')}
          />
          <SelectField
            label={t('groups.waitKind')}
            options={[
              ['', t('groups.waitExponential')],
              ['list', t('groups.waitList')],
            ]}
            value={form.hasList ? 'list' : ''}
            onValue={(kind) => setForm({ ...form, hasList: kind === 'list' })}
          />
          {form.hasList ? (
            <TextField label={t('groups.waits')} hint={t('groups.waitsHint')} {...field('delays')} />
          ) : (
            <>
              <TextField label={t('groups.firstDelay')} hint={t('groups.spanHint')} {...field('firstDelay')} />
              <TextField label={t('groups.multiplier')} hint="1–100" inputMode="decimal" {...field('multiplier')} />
              <TextField label={t('groups.maxDelay')} hint={t('groups.spanHint')} {...field('maxDelay')} />
            </>
          )}
          <TextField
            label={t('groups.jitter')}
            hint={t('groups.jitterHint')}
            inputMode="decimal"
            {...field('jitter')}
          />
          <TextField
            label={t('groups.fatalReasons')}
            hint={t('groups.fatalHint')}
            isOptional
            {...field('fatalReasons')}
          />
          <TextField
            label={t('groups.retryableReasons')}
            hint={t('groups.retryableHint')}
            isOptional
            {...field('retryableReasons')}
          />
        </div>
        {isRight && (
          <p role="status">
            {t('groups.retryComesTo', {
              waits: waitsOf(wanted, 5).map(duration).join(', ') || t('groups.waitsNone'),
              span: duration(patienceOf(wanted)),
            })}
          </p>
        )}
      </Form>
    </Dialog>
  );
}
