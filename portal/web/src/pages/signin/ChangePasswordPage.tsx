import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { awaitOwnPassword, nameOf, type Session, SESSION_KEY } from '@/api/session';
import { useT } from '@/i18n/translate';
import { Button } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { Frame } from './Frame';

/** Whoever has a password that somebody else chose may do nothing until he has one of his own. */
export function ChangePasswordPage({ session }: { session: Session }) {
  const t = useT();
  const client = useQueryClient();
  const [current, setCurrent] = useState('');
  const [fresh, setFresh] = useState('');
  const [again, setAgain] = useState('');
  const [isTried, setTried] = useState(false);
  const name = nameOf(session.principal ?? '');
  const act = useAct({
    act: async () => {
      const body = { current_password: current, new_password: fresh };
      await take(http.PUT('/people/{name}/password', { params: { path: { name } }, body }));
      await awaitOwnPassword();
    },
    touches: [SESSION_KEY],
    done: () => t('signin.changed'),
    // Nothing that was refused meanwhile stays refused.
    onDone: () => void client.resetQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] }),
    toastErrors: false,
  });
  const missing = (value: string) => (isTried && value === '' ? t('common.required') : undefined);
  const differ = isTried && again !== fresh ? t('signin.differ') : undefined;
  const send = () => {
    setTried(true);
    if (current !== '' && fresh !== '' && fresh === again) act.mutate(undefined);
  };
  const field = { type: 'password', required: true };
  return (
    <Frame title={t('signin.changeTitle')} lead={t('signin.changeLead')}>
      <Form
        onSend={send}
        error={act.error}
        buttons={
          <Button type="submit" kind="primary" isBusy={act.isPending}>
            {t('signin.changeSubmit')}
          </Button>
        }
      >
        <TextField
          {...field}
          label={t('signin.current')}
          value={current}
          onValue={setCurrent}
          error={missing(current)}
          autoComplete="current-password"
          autoFocus
        />
        <TextField
          {...field}
          label={t('signin.fresh')}
          hint={t('signin.freshHint')}
          value={fresh}
          onValue={setFresh}
          error={missing(fresh) ?? act.error?.faultOf('/new_password')}
          autoComplete="new-password"
        />
        <TextField
          {...field}
          label={t('signin.again')}
          value={again}
          onValue={setAgain}
          error={missing(again) ?? differ}
          autoComplete="new-password"
        />
      </Form>
    </Frame>
  );
}
