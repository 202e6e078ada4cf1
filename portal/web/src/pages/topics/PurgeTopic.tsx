import { http, take } from '@/api/client';
import { ApiError } from '@/api/problem';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ConfirmByName } from '@/ui/ConfirmByName';

import { readListed, TOUCHED } from './deletion';
import css from './Topic.module.css';
import { partitionsIn, type Topic } from './topicRow';

/** Removes a deleted topic for good, after its name has been typed. */
export function PurgeTopic({ topic, onDone, onClose }: { topic: Topic; onDone: () => void; onClose: () => void }) {
  const t = useT();
  const { name } = topic;
  const act = useAct({
    act: async (reason: string) => {
      // The same call removes topics that are in use: somebody may have brought this one back.
      const now = await readListed(name);
      if (now && now.state !== 'DELETING') throw new ApiError(409, 'CONFLICT', t('topics.purgeNotDeleted', { name }));
      const query = { purge_now: true, ...(reason && { reason }) };
      return take(http.DELETE('/topics/{name}', { params: { path: { name }, query } }));
    },
    touches: TOUCHED,
    done: () => t('topics.purged', { name }),
    onDone,
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('topics.purgeTitle', { name })}
      name={name}
      consequences={
        <ul className={css.list}>
          <li>{t('topics.purgeWhat', { n: partitionsIn(topic) })}</li>
          <li>
            <strong>{t('topics.purgeForGood')}</strong>
          </li>
        </ul>
      }
      action={t('topics.purge')}
      asksReason
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
    />
  );
}
