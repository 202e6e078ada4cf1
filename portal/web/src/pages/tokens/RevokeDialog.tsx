import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ConfirmByName } from '@/ui/ConfirmByName';

import { holderOf, type Token } from './token';

export function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const t = useT();
  const act = useAct({
    act: (reason: string) =>
      take(http.DELETE('/tokens/{id}', { params: { path: { id: token.id }, query: reason ? { reason } : {} } })),
    touches: [['tokens']],
    done: () => t('tokens.revoked', { id: token.id }),
    onDone: onClose,
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('tokens.revokeTitle', { holder: holderOf(token) })}
      name={token.id}
      consequences={<p>{t('tokens.revokeWhat', { holder: holderOf(token) })}</p>}
      action={t('tokens.revoke')}
      asksReason
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
    />
  );
}
