import { useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { nameOf } from '@/api/session';
import { useT } from '@/i18n/translate';
import { SecretBox } from '@/pages/shared/SecretBox';
import { useWho } from '@/pages/shared/who';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Dialog } from '@/ui/Dialog';
import { SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { holderOf, lifetimeLike, lifetimesFor, type Token } from './token';
import css from './tokens.module.css';

/** Stands for the caller himself in the choice of services. */
const MINE = '';

function useServices(isWanted: boolean) {
  return useRead(
    ['services', 'names'],
    (signal) => take(http.GET('/services', { params: { query: { limit: 1000, sort: 'name' } }, signal })),
    { refresh: false, enabled: isWanted },
  );
}

/** A new token, shown once. `replaces`: of the same holder, which goes on counting until it is revoked. */
export function IssueDialog({
  service = '',
  replaces,
  onRevoke,
  onClose,
}: {
  service?: string;
  replaces?: Token;
  onRevoke?: () => void;
  onClose: () => void;
}) {
  const t = useT();
  const who = useWho();
  const isPerson = who.principal.startsWith('person:');
  const [holder, setHolder] = useState(replaces?.service_name ?? service);
  const [seconds, setSeconds] = useState(lifetimeLike(replaces));
  const [note, setNote] = useState(replaces?.note ?? '');
  const services = useServices(who.mayAdminister && !replaces);
  const isMine = holder === MINE;
  const lifetimes = lifetimesFor(isMine);
  const chosen = lifetimes.some(([offered]) => offered === seconds) ? seconds : '7776000';
  const act = useAct({
    act: () =>
      take(
        http.POST('/tokens', {
          body: {
            service_name: holder,
            ...(isMine && { person: nameOf(who.principal) }),
            ...(chosen && { expires_in_s: chosen }),
            ...(note && { note }),
          },
        }),
      ),
    touches: [['tokens']],
    toastErrors: false,
  });
  const title = replaces ? t('tokens.rotateTitle', { holder: holderOf(replaces) }) : t('tokens.issue');
  if (act.data)
    return <Issued title={title} answer={act.data} replaces={replaces} onRevoke={onRevoke} onClose={onClose} />;
  const mine = isPerson ? [[MINE, t('tokens.mine')] as const] : [];
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        onSend={() => (isMine && !isPerson ? undefined : act.mutate(undefined))}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" disabled={isMine && !isPerson} isBusy={act.isPending}>
              {t('tokens.issue')}
            </Button>
          </>
        }
      >
        {replaces ? (
          <p className={css.soft}>{t('tokens.rotateWhat')}</p>
        ) : (
          <SelectField
            label={t('tokens.holder')}
            hint={t(who.mayAdminister ? 'tokens.holderHint' : 'tokens.ownOnly')}
            value={holder}
            onValue={setHolder}
            options={[
              ...(mine.length ? mine : ([['', t('tokens.choose')]] as const)),
              ...(services.data?.services ?? []).map((one) => [one.name, one.name] as const),
            ]}
          />
        )}
        <SelectField
          label={t('tokens.lifetime')}
          value={chosen}
          onValue={setSeconds}
          options={lifetimes.map(([offered, text]) => [offered, t(text)] as const)}
        />
        <TextField
          label={t('tokens.note')}
          hint={t('tokens.noteHint')}
          isOptional
          maxLength={200}
          value={note}
          onValue={setNote}
        />
      </Form>
    </Dialog>
  );
}

function Issued({
  title,
  answer,
  replaces,
  onRevoke,
  onClose,
}: {
  title: string;
  answer: Schemas['IssueTokenResponse'];
  replaces?: Token;
  onRevoke?: () => void;
  onClose: () => void;
}) {
  const t = useT();
  return (
    <Dialog title={title} onClose={onClose}>
      <div className={css.stack}>
        <SecretBox label={t('tokens.token')} secret={answer.secret} warning={t('tokens.onlyOnce')} />
        <p className={css.soft}>{t('tokens.use')}</p>
        <Command text="lanemq --token-file token.txt whoami" />
        {replaces && <p className={css.soft}>{t('tokens.thenRevoke', { id: replaces.id })}</p>}
        <div className={css.buttons}>
          {replaces && onRevoke && <Button onClick={onRevoke}>{t('tokens.revokeOld')}</Button>}
          <Button kind="primary" onClick={onClose}>
            {t('tokens.kept')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
