import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { navigate, pathTo } from '@/lib/location';
import { isAccessName } from '@/pages/teams/team';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { addressFrom } from './node';

const FIRST = { name: '', address: '', prefix: 'lanemq', user: '', password: '' };

/** A database server more. What it should be like is found out by the probe on its page, which comes next. */
export function AddNodeDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [values, setValues] = useState(FIRST);
  const [isTried, setTried] = useState(false);
  const set = (change: Partial<typeof FIRST>) => setValues({ ...values, ...change });
  const address = addressFrom(values.address);
  const isNamed = isAccessName(values.name);
  const act = useAct({
    act: () =>
      take(
        http.POST('/nodes', {
          body: {
            name: values.name,
            host: address?.host ?? '',
            port: address?.port ?? 0,
            ...(values.prefix && { schema_prefix: values.prefix }),
            ...(values.user && { user: values.user, password: values.password }),
          },
        }),
      ),
    touches: [['nodes']],
    done: () => t('admin.added', { name: values.name }),
    onDone: () => {
      onClose();
      navigate(pathTo('/admin/nodes/:name', { name: values.name }));
    },
    toastErrors: false,
  });
  const send = () => {
    setTried(true);
    if (isNamed && address) act.mutate(undefined);
  };
  return (
    <Dialog title={t('admin.addNode')} onClose={onClose}>
      <Form
        onSend={send}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" isBusy={act.isPending}>
              {t('admin.add')}
            </Button>
          </>
        }
      >
        <TextField
          label={t('teams.name')}
          hint={t('teams.nameRule')}
          value={values.name}
          onValue={(name) => set({ name })}
          error={isTried && !isNamed ? t('teams.nameRule') : undefined}
          autoFocus
        />
        <TextField
          label={t('admin.address')}
          hint={t('admin.addressHint')}
          placeholder="db2.example:3306"
          value={values.address}
          onValue={(text) => set({ address: text })}
          error={isTried && !address ? t('admin.addressHint') : undefined}
        />
        <TextField
          label={t('admin.prefix')}
          hint={t('admin.prefixHint')}
          value={values.prefix}
          onValue={(prefix) => set({ prefix })}
        />
        <TextField
          label={t('admin.user')}
          hint={t('admin.userHint')}
          isOptional
          value={values.user}
          onValue={(user) => set({ user })}
        />
        {values.user && (
          <TextField
            label={t('people.password')}
            type="password"
            autoComplete="new-password"
            value={values.password}
            onValue={(password) => set({ password })}
          />
        )}
      </Form>
    </Dialog>
  );
}
