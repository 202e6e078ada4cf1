import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { nameOf, SESSION_KEY, useSession } from '@/api/session';
import { useT } from '@/i18n/translate';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';
import { Card, Page } from '@/ui/Page';

import { faultOf } from './person';
import css from './people.module.css';

/** One's own password, of one's own will; who has to change it first never comes so far. */
export default function OwnPasswordPage() {
  const t = useT();
  const principal = useSession().data?.principal ?? '';
  if (!principal.startsWith('person:')) {
    return (
      <Page title={t('people.ownPassword')}>
        <Empty title={t('people.noPassword')} text={t('people.noPasswordWhy')} />
      </Page>
    );
  }
  return (
    <Page title={t('people.ownPassword')} lead={t('people.ownLead')}>
      <div className={css.narrow}>
        <Card>
          <OwnPasswordForm name={nameOf(principal)} />
        </Card>
      </div>
    </Page>
  );
}

function OwnPasswordForm({ name }: { name: string }) {
  const t = useT();
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const [repeated, setRepeated] = useState('');
  const [isTried, setTried] = useState(false);
  const fault = faultOf(wanted, repeated);
  const act = useAct({
    act: () =>
      take(
        http.PUT('/people/{name}/password', {
          params: { path: { name } },
          body: { new_password: wanted, current_password: current },
        }),
      ),
    touches: [SESSION_KEY, ['people']],
    done: () => t('people.changedOwn'),
    onDone: () => {
      setCurrent('');
      setWanted('');
      setRepeated('');
      setTried(false);
    },
    toastErrors: false,
  });
  const send = () => {
    setTried(true);
    if (fault === null && current !== '') act.mutate(undefined);
  };
  const shown = (key: 'people.passwordRule' | 'people.notTheSame') => (isTried && fault === key ? t(key) : undefined);
  return (
    <Form
      onSend={send}
      error={act.error}
      buttons={
        <Button type="submit" kind="primary" isBusy={act.isPending}>
          {t('people.change')}
        </Button>
      }
    >
      {/* For password managers: whose password this is. */}
      <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
      <TextField
        label={t('people.current')}
        type="password"
        autoComplete="current-password"
        value={current}
        onValue={setCurrent}
        error={isTried && current === '' ? t('common.required') : undefined}
      />
      <TextField
        label={t('people.newOne')}
        hint={t('people.passwordRule')}
        type="password"
        autoComplete="new-password"
        value={wanted}
        onValue={setWanted}
        error={shown('people.passwordRule')}
      />
      <TextField
        label={t('people.again')}
        type="password"
        autoComplete="new-password"
        value={repeated}
        onValue={setRepeated}
        error={shown('people.notTheSame')}
      />
    </Form>
  );
}
