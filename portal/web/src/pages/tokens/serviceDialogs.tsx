import { useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { isAccessName } from '@/pages/teams/team';
import { Button } from '@/ui/Button';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { Dialog } from '@/ui/Dialog';
import { SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

export type Service = Schemas['Service'];

const KINDS = ['application', 'operator', 'admin', 'server', 'gateway'];

/** Errors become toasts unless a dialog shows them, which says so by `onDone`. */
export function usePutService(onDone?: () => void) {
  const t = useT();
  return useAct({
    act: ({ service, reason }: { service: Service; reason: string }) =>
      take(
        http.PUT('/services/{name}', {
          params: { path: { name: service.name }, query: reason ? { reason } : {} },
          body: { ...service, team: service.team || undefined, description: service.description || undefined },
        }),
      ),
    touches: [['services']],
    done: (_, { service }) => t('tokens.savedService', { name: service.name }),
    onDone,
    toastErrors: onDone === undefined,
  });
}

export function ServiceDialog({
  service,
  team = '',
  onClose,
}: {
  service?: Service;
  team?: string;
  onClose: () => void;
}) {
  const t = useT();
  const [values, setValues] = useState<Service>(service ?? { name: '', team, kind: 'application' });
  const [isTried, setTried] = useState(false);
  const set = (change: Partial<Service>) => setValues({ ...values, ...change });
  const act = usePutService(onClose);
  const isNamed = isAccessName(values.name);
  const needsTeam = (values.kind ?? 'application') === 'application' && !values.team;
  const send = () => {
    setTried(true);
    if (isNamed && !needsTeam) act.mutate({ service: values, reason: '' });
  };
  return (
    <Dialog title={service ? t('people.edit', { name: service.name }) : t('tokens.newService')} onClose={onClose}>
      <Form
        onSend={send}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" isBusy={act.isPending}>
              {service ? t('common.save') : t('common.create')}
            </Button>
          </>
        }
      >
        {!service && (
          <>
            <TextField
              label={t('teams.name')}
              hint={t('teams.nameRule')}
              value={values.name}
              onValue={(name) => set({ name })}
              error={isTried && !isNamed ? t('teams.nameRule') : undefined}
              autoFocus
            />
            <SelectField
              label={t('tokens.kind')}
              hint={t('tokens.kindHint')}
              value={values.kind ?? 'application'}
              onValue={(kind) => set({ kind })}
              options={KINDS.map((kind) => [kind, kind] as const)}
            />
          </>
        )}
        <TextField
          label={t('tokens.team')}
          hint={t('tokens.teamHint')}
          value={values.team ?? ''}
          onValue={(chosen) => set({ team: chosen })}
          error={isTried && needsTeam ? t('common.required') : undefined}
        />
        <TextField
          label={t('teams.description')}
          isOptional
          value={values.description ?? ''}
          onValue={(description) => set({ description })}
        />
      </Form>
    </Dialog>
  );
}

export function DisableService({ service, onClose }: { service: Service; onClose: () => void }) {
  const t = useT();
  const act = usePutService(onClose);
  return (
    <ConfirmByName
      title={t('people.disableTitle', { name: service.name })}
      name={service.name}
      consequences={<p>{t('tokens.disableWhat')}</p>}
      action={t('people.disable')}
      asksReason
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate({ service: { ...service, disabled: true }, reason })}
      onClose={onClose}
    />
  );
}

export function DeleteService({ service, onClose }: { service: Service; onClose: () => void }) {
  const t = useT();
  const act = useAct({
    act: (reason: string) =>
      take(
        http.DELETE('/services/{name}', { params: { path: { name: service.name }, query: reason ? { reason } : {} } }),
      ),
    touches: [['services'], ['tokens'], ['grants']],
    done: () => t('people.deleted', { name: service.name }),
    onDone: onClose,
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('people.deleteTitle', { name: service.name })}
      name={service.name}
      consequences={<p>{t('tokens.deleteWhat')}</p>}
      action={t('tokens.deleteService')}
      asksReason
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
    />
  );
}
