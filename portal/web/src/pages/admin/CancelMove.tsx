import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { ApiError } from '@/api/problem';
import { useT } from '@/i18n/translate';
import { ConfirmByName } from '@/ui/ConfirmByName';

import type { Move } from './move';

/** Takes one move back. Whether it was still possible is told for each move, within an answer that says yes. */
export function CancelMove({ move, onClose }: { move: Move; onClose: () => void }) {
  const t = useT();
  const name = `${move.topic}/${move.partition}`;
  const act = useAct({
    act: async (reason: string) => {
      const answer = await take(
        http.POST('/moves:cancel', { params: { query: reason ? { reason } : {} }, body: { ids: [move.id] } }),
      );
      const error = answer.moves[0]?.error;
      if (error) throw new ApiError(409, error.code, error.message, error.request_id);
    },
    touches: [['moves'], ['nodes']],
    done: () => t('admin.takenBack', { n: 1 }),
    onDone: onClose,
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('admin.cancelTitle', { name })}
      name={name}
      consequences={<p>{t('admin.cancelWhat', { from: move.from_node })}</p>}
      action={t('admin.cancel')}
      asksReason
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
    />
  );
}
