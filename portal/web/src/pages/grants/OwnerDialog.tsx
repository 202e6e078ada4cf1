import { useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ReasonField } from '@/pages/shared/ReasonField';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { kindOf } from './grant';
import css from './grants.module.css';

const send = (kind: string, name: string, team: string, reason: string) => {
  const path = { kind, name };
  const query = reason ? { reason } : {};
  return team === ''
    ? take(http.DELETE('/owners/{kind}/{name}', { params: { path, query } }))
    : take(http.PUT('/owners/{kind}/{name}', { params: { path, query }, body: { team } }));
};

/** Gives a topic or a group to a team, or to nobody. */
export function OwnerDialog({ owner, onClose }: { owner?: Schemas['Owner']; onClose: () => void }) {
  const t = useT();
  const [kind, setKind] = useState(kindOf(owner?.kind ?? 'topic'));
  const [name, setName] = useState(owner?.name ?? '');
  const [team, setTeam] = useState(owner?.team ?? '');
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  const teams = useRead(
    ['teams', 'names'],
    (signal) => take(http.GET('/teams', { params: { query: { limit: 1000, sort: 'name', fields: 'name' } }, signal })),
    { refresh: false },
  );
  const act = useAct({
    act: () => send(kind, name.trim(), team, reason),
    touches: [['owners'], ['topics'], ['groups'], ['quotas'], ['hygiene']],
    done: () => t('grants.ownerSet', { name, team: team || t('grants.nobody') }),
    onDone: onClose,
    toastErrors: false,
  });
  const go = () => {
    setTried(true);
    if (name.trim() !== '') act.mutate(undefined);
  };
  return (
    <Dialog title={t('grants.setOwner')} onClose={onClose}>
      <Form
        onSend={go}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" isBusy={act.isPending}>
              {t('common.save')}
            </Button>
          </>
        }
      >
        {owner ? (
          <p className={css.soft}>
            {t(kind === 'group' ? 'grants.group' : 'grants.topic')} {name}
          </p>
        ) : (
          <>
            <SelectField
              label={t('grants.kind')}
              value={kind}
              onValue={(chosen) => setKind(kindOf(chosen))}
              options={[
                ['topic', t('grants.topic')],
                ['group', t('grants.group')],
              ]}
            />
            <TextField
              label={t('grants.object')}
              hint={t('grants.ownerHint')}
              value={name}
              onValue={setName}
              error={isTried && name.trim() === '' ? t('common.required') : undefined}
            />
          </>
        )}
        <SelectField
          label={t('tokens.team')}
          hint={t('grants.teamHint')}
          value={team}
          onValue={setTeam}
          options={[
            ['', t('grants.nobody')] as const,
            ...(teams.data?.teams ?? []).map((one) => [one.name, one.name] as const),
          ]}
        />
        <ReasonField value={reason} onValue={setReason} />
      </Form>
    </Dialog>
  );
}
