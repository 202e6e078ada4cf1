import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ReasonField } from '@/pages/shared/ReasonField';
import { isAccessName } from '@/pages/teams/team';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { type Person, ROLES, roleOf, toSend } from './person';

/** Makes an account, or changes one. */
export function PersonDialog({
  person,
  onMade,
  onClose,
}: {
  person?: Person;
  onMade: (person: Person) => void;
  onClose: () => void;
}) {
  const t = useT();
  const [values, setValues] = useState<Person>(person ?? { name: '' });
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  const set = (change: Partial<Person>) => setValues({ ...values, ...change });
  const act = useAct({
    act: () =>
      take(
        http.PUT('/people/{name}', {
          params: { path: { name: values.name }, query: reason ? { reason } : {} },
          body: toSend(values),
        }),
      ),
    touches: [['people']],
    done: () => t('people.saved', { name: values.name }),
    onDone: () => onMade(values),
    toastErrors: false,
  });
  const send = () => {
    setTried(true);
    if (isAccessName(values.name)) act.mutate(undefined);
  };
  return (
    <Dialog title={person ? t('people.edit', { name: person.name }) : t('people.new')} onClose={onClose}>
      <Form
        onSend={send}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" isBusy={act.isPending}>
              {person ? t('common.save') : t('common.create')}
            </Button>
          </>
        }
      >
        {!person && (
          <TextField
            label={t('people.name')}
            hint={t('teams.nameRule')}
            value={values.name}
            onValue={(name) => set({ name })}
            error={isTried && !isAccessName(values.name) ? t('teams.nameRule') : undefined}
            maxLength={100}
            autoFocus
          />
        )}
        <TextField
          label={t('people.displayName')}
          isOptional
          value={values.display_name ?? ''}
          onValue={(display_name) => set({ display_name })}
        />
        <TextField
          label={t('people.email')}
          hint={t('people.emailHint')}
          isOptional
          type="email"
          value={values.email ?? ''}
          onValue={(email) => set({ email })}
        />
        <SelectField
          label={t('people.role')}
          hint={t(`people.${roleOf(values) as 'viewer'}Why`)}
          value={roleOf(values)}
          onValue={(role) => set({ role })}
          options={ROLES.map((role) => [role, t(`people.${role}`)] as const)}
        />
        <TextField
          label={t('people.subject')}
          hint={t('people.subjectHint')}
          isOptional
          value={values.oidc_subject ?? ''}
          onValue={(oidc_subject) => set({ oidc_subject })}
        />
        <ReasonField value={reason} onValue={setReason} />
      </Form>
    </Dialog>
  );
}
