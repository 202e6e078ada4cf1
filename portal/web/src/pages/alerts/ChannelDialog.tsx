import { useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { Button } from '@/ui/Button';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { Dialog } from '@/ui/Dialog';
import { CheckField, SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

export type Channel = Schemas['AlertChannel'];

const TYPES = ['webhook', 'slack', 'feishu', 'dingtalk', 'email', 'alertmanager'];

const words = (text: string) => text.split(/[\s,]+/).filter((word) => word !== '');

const formOf = (of: Channel) => ({
  name: of.name,
  type: of.type,
  url: of.url,
  recipients: (of.recipients ?? []).join(', '),
  sender: of.sender ?? '',
  owners: (of.owners ?? []).join(', '),
  severity: of.severity ?? 'ticket',
  secret: of.secret_file ?? '',
  user: of.user ?? '',
});

type ChannelForm = ReturnType<typeof formOf>;

const bodyOf = (form: ChannelForm, isOn: boolean): Channel => ({
  name: form.name,
  type: form.type,
  url: form.url,
  severity: form.severity,
  owners: words(form.owners),
  is_on: isOn,
  ...(form.type === 'email' && { recipients: words(form.recipients), sender: form.sender }),
  ...(form.secret && { secret_file: form.secret }),
  ...(form.user && { user: form.user }),
});

/** Where notices go. Secrets are files on the metaservers; here they have names only. */
export function ChannelDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const t = useT();
  const [form, setForm] = useState(() => formOf(channel));
  const [isOn, setOn] = useState(channel.is_on !== false);
  const [isRemoving, setRemoving] = useState(false);
  const isNew = channel.name === '';
  const isRight = form.name !== '' && form.url !== '';
  const save = useAct({
    act: () =>
      take(http.PUT('/alert-channels/{name}', { params: { path: { name: form.name } }, body: bodyOf(form, isOn) })),
    touches: [['alert-channels']],
    done: () => t('alerts.channelSaved', { name: form.name }),
    onDone: onClose,
    toastErrors: false,
  });
  const field = (key: keyof ChannelForm) => ({
    value: form[key],
    onValue: (value: string) => setForm({ ...form, [key]: value }),
    error: save.error?.faultOf(`/${key}`),
  });
  if (isRemoving) return <RemoveDialog name={channel.name} onClose={onClose} />;
  return (
    <Dialog title={isNew ? t('alerts.channelAdd') : channel.name} onClose={onClose}>
      <Form
        onSend={() => isRight && save.mutate(undefined)}
        error={save.error}
        buttons={
          <>
            {!isNew && <Button onClick={() => setRemoving(true)}>{t('alerts.channelRemove')}</Button>}
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" disabled={!isRight} isBusy={save.isPending}>
              {t('common.save')}
            </Button>
          </>
        }
      >
        {isNew && <TextField label={t('alerts.name')} autoFocus {...field('name')} />}
        <SelectField label={t('alerts.type')} options={TYPES.map((type) => [type, type] as const)} {...field('type')} />
        <TextField
          label={t('alerts.url')}
          hint={t(form.type === 'email' ? 'alerts.urlHintMail' : 'alerts.urlHint')}
          {...field('url')}
        />
        {form.type === 'email' && (
          <>
            <TextField label={t('alerts.recipients')} {...field('recipients')} />
            <TextField label={t('alerts.sender')} {...field('sender')} />
            <TextField label={t('alerts.user')} isOptional {...field('user')} />
          </>
        )}
        <TextField label={t('alerts.owners')} hint={t('alerts.ownersHint')} isOptional {...field('owners')} />
        <SelectField
          label={t('alerts.severity')}
          options={[
            ['ticket', t('alerts.pagesAndTickets')],
            ['page', t('alerts.pagesOnly')],
          ]}
          {...field('severity')}
        />
        <TextField label={t('alerts.secret')} hint={t('alerts.secretHint')} isOptional {...field('secret')} />
        <CheckField label={t('alerts.isOn')} isOn={isOn} onChange={setOn} />
      </Form>
    </Dialog>
  );
}

function RemoveDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const t = useT();
  const remove = useAct({
    act: (reason: string) =>
      take(http.DELETE('/alert-channels/{name}', { params: { path: { name }, query: reason ? { reason } : {} } })),
    touches: [['alert-channels']],
    done: () => t('alerts.channelRemoved', { name }),
    onDone: onClose,
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('alerts.channelRemove')}
      name={name}
      consequences={<p>{t('alerts.channelRemoveWhat')}</p>}
      action={t('alerts.channelRemove')}
      asksReason
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={(reason) => remove.mutate(reason)}
      onClose={onClose}
    />
  );
}
