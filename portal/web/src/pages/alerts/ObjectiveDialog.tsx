import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { parseSpan, spanText } from '@/pages/groups/span';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import type { Objective } from './objectiveColumns';

const TOUCHED = [['lag-objectives'], ['lag'], ['alerts']];

const formOf = (of: Objective) => ({
  group: of.group,
  topic: of.topic,
  lag: spanText(of.objective_ms),
  allowed: of.allowed_messages ?? '',
  owner: of.owner ?? '',
  tier: of.tier ?? '',
  alerts: of.alerts_on === undefined ? '' : String(of.alerts_on),
});

type ObjectiveForm = ReturnType<typeof formOf>;

/** What is left empty is not set: a less specific objective says it. */
function bodyOf(form: ObjectiveForm): Objective | null {
  const lag = form.lag.trim() === '' ? undefined : parseSpan(form.lag);
  if (lag === null || form.group === '' || form.topic === '' || !/^\d{0,18}$/.test(form.allowed)) return null;
  return {
    group: form.group,
    topic: form.topic,
    ...(lag !== undefined && { objective_ms: String(lag) }),
    ...(form.allowed && { allowed_messages: form.allowed }),
    ...(form.owner && { owner: form.owner }),
    ...(form.tier && { tier: form.tier }),
    ...(form.alerts && { alerts_on: form.alerts === 'true' }),
  };
}

/** What a group promises on a topic, whom it wakes, and whether it wakes anybody at all. */
export function ObjectiveDialog({ objective, onClose }: { objective: Objective; onClose: () => void }) {
  const t = useT();
  const [form, setForm] = useState(() => formOf(objective));
  const isNew = objective.updated_us === undefined;
  const body = bodyOf(form);
  const path = { group: form.group || '*', topic: form.topic || '*' };
  const save = useAct({
    act: (wanted: Objective) => take(http.PUT('/lag-objectives/{group}/{topic}', { params: { path }, body: wanted })),
    touches: TOUCHED,
    done: () => t('alerts.objectiveSaved'),
    onDone: onClose,
    toastErrors: false,
  });
  const remove = useAct({
    act: () => take(http.DELETE('/lag-objectives/{group}/{topic}', { params: { path } })),
    touches: TOUCHED,
    done: () => t('alerts.objectiveRemoved'),
    onDone: onClose,
    toastErrors: false,
  });
  const field = (key: keyof ObjectiveForm) => ({
    value: form[key],
    onValue: (value: string) => setForm({ ...form, [key]: value.trim() }),
  });
  return (
    <Dialog title={t('alerts.objectiveTitle')} onClose={onClose}>
      <Form
        onSend={() => body && save.mutate(body)}
        error={save.error ?? remove.error}
        buttons={
          <>
            {!isNew && (
              <Button isBusy={remove.isPending} onClick={() => remove.mutate(undefined)}>
                {t('alerts.objectiveRemove')}
              </Button>
            )}
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" disabled={!body} isBusy={save.isPending}>
              {t('common.save')}
            </Button>
          </>
        }
      >
        <TextField label={t('alerts.group')} hint={t('alerts.starHint')} readOnly={!isNew} {...field('group')} />
        <TextField label={t('alerts.topic')} hint={t('alerts.starHint')} readOnly={!isNew} {...field('topic')} />
        <TextField label={t('alerts.lag')} hint={t('alerts.lagHint')} isOptional {...field('lag')} />
        <TextField label={t('alerts.allowed')} hint={t('alerts.allowedHint')} isOptional {...field('allowed')} />
        <TextField label={t('alerts.owner')} hint={t('alerts.ownerHint')} isOptional {...field('owner')} />
        <SelectField
          label={t('alerts.tier')}
          hint={t('alerts.tierHint')}
          options={[
            ['', t('alerts.inherited')],
            ['page', t('alerts.page')],
            ['ticket', t('alerts.ticket')],
          ]}
          {...field('tier')}
        />
        <SelectField
          label={t('alerts.title')}
          options={[
            ['', t('alerts.inherited')],
            ['true', t('alerts.on')],
            ['false', t('alerts.off')],
          ]}
          {...field('alerts')}
        />
      </Form>
    </Dialog>
  );
}
