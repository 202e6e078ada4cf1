import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ReasonField } from '@/pages/shared/ReasonField';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { CheckField, SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { ACTIONS, actionsOf, endIn, type Grant, isPrincipal, kindOf, objectFrom, objectOf } from './grant';
import css from './grants.module.css';

/** A new grant, or what it allows and until when: the rest of one cannot be changed. */
export function GrantDialog({ grant, onClose }: { grant?: Grant; onClose: () => void }) {
  const t = useT();
  const [kind, setKind] = useState(kindOf(grant?.kind ?? 'topic'));
  const [object, setObject] = useState(grant ? objectOf(grant) : '');
  const [principal, setPrincipal] = useState(grant?.principal ?? '');
  const [actions, setActions] = useState<string[]>(grant?.actions ?? ['consume']);
  const [days, setDays] = useState(grant ? 'keep' : '90');
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  const { name, is_prefix } = objectFrom(object);
  const chosen = actionsOf(kind, actions);
  const act = useAct({
    act: () => {
      const expires_at_us = endIn(days, Date.now(), grant?.expires_at_us);
      const body: Grant = {
        kind,
        name,
        is_prefix,
        principal,
        actions: chosen,
        ...(expires_at_us && { expires_at_us }),
      };
      return take(http.POST('/grants', { params: { query: reason ? { reason } : {} }, body }));
    },
    touches: [['grants'], ['hygiene']],
    done: () => t('grants.saved', { principal, name: object }),
    onDone: onClose,
    toastErrors: false,
  });
  const isWhole = (name !== '' || is_prefix) && isPrincipal(principal) && chosen.length > 0;
  const send = () => {
    setTried(true);
    if (isWhole) act.mutate(undefined);
  };
  return (
    <Dialog title={t(grant ? 'grants.changeTitle' : 'grants.new')} onClose={onClose}>
      <Form
        onSend={send}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" isBusy={act.isPending}>
              {grant ? t('common.save') : t('grants.give')}
            </Button>
          </>
        }
      >
        {grant ? (
          <p className={css.soft}>
            {grant.principal} → {kind} {objectOf(grant)}
          </p>
        ) : (
          <>
            <SelectField
              label={t('grants.kind')}
              value={kind}
              onValue={(chosenKind) => setKind(kindOf(chosenKind))}
              options={[
                ['topic', t('grants.topic')],
                ['group', t('grants.group')],
              ]}
            />
            <TextField
              label={t('grants.object')}
              hint={t('grants.objectHint')}
              value={object}
              onValue={setObject}
              error={isTried && name === '' && !is_prefix ? t('common.required') : undefined}
            />
            <TextField
              label={t('grants.principal')}
              hint={t('grants.principalHint')}
              value={principal}
              onValue={setPrincipal}
              error={isTried && !isPrincipal(principal) ? t('grants.principalHint') : undefined}
            />
          </>
        )}
        <fieldset className={css.actions}>
          <legend>{t('grants.may')}</legend>
          {ACTIONS[kind].map((action) => (
            <CheckField
              key={action}
              label={action}
              hint={t(`grants.${action as 'peek'}Why`)}
              isOn={actions.includes(action)}
              onChange={(isOn) => setActions(isOn ? [...actions, action] : actions.filter((one) => one !== action))}
            />
          ))}
        </fieldset>
        <SelectField
          label={t('grants.until')}
          value={days}
          onValue={setDays}
          options={[
            ...(grant ? [['keep', t('grants.keepEnd')] as const] : []),
            ['30', t('tokens.days30')],
            ['90', t('tokens.days90')],
            ['365', t('tokens.year')],
            ['', t('tokens.forEver')],
          ]}
        />
        <ReasonField value={reason} onValue={setReason} />
      </Form>
    </Dialog>
  );
}
