import { Ban, Ellipsis, KeyRound, Pencil, Trash2 } from 'lucide-react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { useWho } from '@/pages/shared/who';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { Menu } from '@/ui/Menu';

import { PasswordDialog } from './PasswordDialog';
import { PersonDialog } from './PersonDialog';
import { type Person, toSend } from './person';

/** Which dialog is open, and for whom. */
export type Open = { what: 'new' } | { what: 'edit' | 'password' | 'disable' | 'delete'; person: Person };

/** What an admin may do with an account. */
export function PersonMenu({ person, onOpen }: { person: Person; onOpen: (open: Open) => void }) {
  const t = useT();
  const isDisabled = !useWho().mayAdminister;
  const enable = usePut(() => t('people.enabled', { name: person.name }));
  return (
    <Menu
      label={t('people.doWith', { name: person.name })}
      button={<Ellipsis size={17} aria-hidden="true" />}
      sections={[
        {
          title: isDisabled ? t('shared.needsAdmin') : undefined,
          items: [
            {
              label: t('common.edit'),
              icon: <Pencil size={15} />,
              isDisabled,
              act: () => onOpen({ what: 'edit', person }),
            },
            {
              label: t('people.setPassword'),
              icon: <KeyRound size={15} />,
              isDisabled: isDisabled || Boolean(person.oidc_subject),
              act: () => onOpen({ what: 'password', person }),
            },
            person.disabled
              ? {
                  label: t('people.enable'),
                  icon: <Ban size={15} />,
                  isDisabled,
                  act: () => enable.mutate({ person: { ...person, disabled: false }, reason: '' }),
                }
              : {
                  label: t('people.disable'),
                  icon: <Ban size={15} />,
                  isDisabled,
                  act: () => onOpen({ what: 'disable', person }),
                },
            {
              label: t('common.delete'),
              icon: <Trash2 size={15} />,
              isDisabled,
              act: () => onOpen({ what: 'delete', person }),
            },
          ],
        },
      ]}
    />
  );
}

function usePut(done: () => string, onDone?: () => void) {
  return useAct({
    act: ({ person, reason }: { person: Person; reason: string }) =>
      take(
        http.PUT('/people/{name}', {
          params: { path: { name: person.name }, query: reason ? { reason } : {} },
          body: toSend(person),
        }),
      ),
    touches: [['people']],
    done,
    onDone,
    toastErrors: onDone === undefined,
  });
}

export function PersonDialogs({ open, onOpen }: { open: Open; onOpen: (open: Open | null) => void }) {
  const onClose = () => onOpen(null);
  switch (open.what) {
    case 'new':
      // Who has no provider needs a password next.
      return (
        <PersonDialog
          onClose={onClose}
          onMade={(person) => onOpen(person.oidc_subject ? null : { what: 'password', person })}
        />
      );
    case 'edit':
      return <PersonDialog person={open.person} onClose={onClose} onMade={onClose} />;
    case 'password':
      return <PasswordDialog person={open.person} onClose={onClose} />;
    case 'disable':
      return <Disable person={open.person} onClose={onClose} />;
    case 'delete':
      return <Delete person={open.person} onClose={onClose} />;
  }
}

function Disable({ person, onClose }: { person: Person; onClose: () => void }) {
  const t = useT();
  const act = usePut(() => t('people.nowDisabled', { name: person.name }), onClose);
  return (
    <ConfirmByName
      title={t('people.disableTitle', { name: person.name })}
      name={person.name}
      consequences={<p>{t('people.disableWhat')}</p>}
      action={t('people.disable')}
      asksReason
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate({ person: { ...person, disabled: true }, reason })}
      onClose={onClose}
    />
  );
}

function Delete({ person, onClose }: { person: Person; onClose: () => void }) {
  const t = useT();
  const act = useAct({
    act: (reason: string) =>
      take(http.DELETE('/people/{name}', { params: { path: { name: person.name }, query: reason ? { reason } : {} } })),
    touches: [['people'], ['teams']],
    done: () => t('people.deleted', { name: person.name }),
    onDone: onClose,
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('people.deleteTitle', { name: person.name })}
      name={person.name}
      consequences={<p>{t('people.deleteWhat')}</p>}
      action={t('people.delete')}
      asksReason
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
    />
  );
}
