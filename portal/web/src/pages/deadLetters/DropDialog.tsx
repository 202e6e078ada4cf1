import { http, type Schemas, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { exact } from '@/lib/format';
import { touchedBy } from '@/pages/groups/reads';
import { ConfirmByName } from '@/ui/ConfirmByName';

import type { Filter } from './letterFilter';
import { type Meant, meantCount, meantFilter } from './meant';

/** A call stops when its time is up; so many calls are a lot of letters. */
const CALLS_MAX = 200;

async function dropAll(group: string, filter: Filter, reason: string) {
  let dropped = 0n;
  let isComplete = false;
  for (let call = 0; call < CALLS_MAX && !isComplete; call += 1) {
    const body = { filter, ...(reason && { reason }) };
    const answer = await take(http.POST('/groups/{group}/dead-letters:drop', { params: { path: { group } }, body }));
    dropped += BigInt(answer.dropped);
    isComplete = answer.is_complete;
  }
  return { dropped, isComplete };
}

/** They are gone then: the group will never handle these messages. */
export function DropDialog({
  group,
  meant,
  counts,
  onDone,
  onClose,
}: {
  group: string;
  meant: Meant;
  counts: readonly Schemas['DeadLetterCount'][];
  onDone: () => void;
  onClose: () => void;
}) {
  const t = useT();
  const drop = useAct({
    act: (reason: string) => dropAll(group, meantFilter(group, meant, Date.now()), reason),
    touches: touchedBy(group),
    done: ({ dropped, isComplete }) =>
      t(isComplete ? 'deadLetters.dropped' : 'deadLetters.droppedPart', { n: exact(dropped) }),
    onDone,
    toastErrors: false,
  });
  const count = meantCount(meant, counts);
  return (
    <ConfirmByName
      title={t('deadLetters.dropTitle')}
      name={group}
      consequences={
        <>
          <p>{count === null ? t('deadLetters.dropAllFound') : t('deadLetters.dropCount', { n: count })}</p>
          <p>{t('deadLetters.dropStays')}</p>
        </>
      }
      action={t('deadLetters.drop')}
      asksReason
      isBusy={drop.isPending}
      error={drop.error}
      onConfirm={(reason) => drop.mutate(reason)}
      onClose={onClose}
    />
  );
}
