import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { SecretBox } from '@/pages/shared/SecretBox';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { Form } from '@/ui/Form';

import { makePassword, type Person } from './person';

/** Gives somebody a password that is made up here, shown once, and changed at the first sign-in. */
export function PasswordDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const t = useT();
  const [password] = useState(() => makePassword());
  const act = useAct({
    act: () =>
      take(
        http.PUT('/people/{name}/password', {
          params: { path: { name: person.name } },
          body: { new_password: password },
        }),
      ),
    touches: [['people']],
    toastErrors: false,
  });
  return (
    <Dialog title={t('people.passwordOf', { name: person.name })} onClose={onClose}>
      <Form
        onSend={() => act.mutate(undefined)}
        error={act.error}
        buttons={
          act.isSuccess ? (
            <Button kind="primary" onClick={onClose}>
              {t('people.given')}
            </Button>
          ) : (
            <>
              <Button onClick={onClose}>{t('common.cancel')}</Button>
              <Button type="submit" kind="primary" isBusy={act.isPending}>
                {t('people.makePassword')}
              </Button>
            </>
          )
        }
      >
        {act.isSuccess ? (
          <SecretBox
            label={t('people.password')}
            secret={password}
            warning={t('people.onlyOnce', { name: person.name })}
          />
        ) : (
          <p>{t('people.passwordWhat', { name: person.name })}</p>
        )}
      </Form>
    </Dialog>
  );
}
