import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ConfirmByName } from '@/ui/ConfirmByName';

import { type Grant, objectOf } from './grant';

export function RevokeGrant({ grant, onClose }: { grant: Grant; onClose: () => void }) {
  const t = useT();
  const name = objectOf(grant);
  const act = useAct({
    act: (reason: string) =>
      take(http.DELETE('/grants/{id}', { params: { path: { id: grant.id ?? '' }, query: reason ? { reason } : {} } })),
    touches: [['grants'], ['hygiene']],
    done: () => t('grants.revoked', { principal: grant.principal, name }),
    onDone: onClose,
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('grants.revokeTitle')}
      name={grant.principal}
      consequences={
        <p>{t('grants.revokeWhat', { principal: grant.principal, name, actions: grant.actions.join(', ') })}</p>
      }
      action={t('grants.revoke')}
      asksReason
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
    />
  );
}
