import { http, type Schemas, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { toast } from '@/ui/toast';
import { Time } from '@/ui/values';

import { tallyOf } from './cancelled';
import css from './Topic.module.css';

const SHOWN = 10;

/** Takes messages back before their time. It cannot be undone: what is cancelled is gone. */
export function CancelDelayed({
  topic,
  messages,
  onClose,
  onDone,
}: {
  topic: string;
  messages: Schemas['DelayedListing'][];
  onClose: () => void;
  onDone: () => void;
}) {
  const t = useT();
  const act = useAct({
    act: () => take(http.POST('/delayed:cancel', { body: { handles: messages.map((one) => one.handle) } })),
    touches: [['topics', topic, 'delayed']],
    toastErrors: false,
    onDone: (answer) => {
      const tally = tallyOf(answer.results);
      const isAll = tally.cancelled === messages.length;
      toast.show({ tone: isAll ? 'good' : 'info', text: t('topics.cancelled', { ...tally, of: messages.length }) });
      onDone();
    },
  });
  return (
    <ConfirmByName
      title={t('topics.cancelTitle', { n: messages.length })}
      name={topic}
      action={t('topics.cancelAction', { n: messages.length })}
      isBusy={act.isPending}
      error={act.error}
      onConfirm={() => act.mutate(undefined)}
      onClose={onClose}
      consequences={
        <>
          <p>{t('topics.cancelWhat')}</p>
          <ul className={css.list}>
            {messages.slice(0, SHOWN).map((one) => (
              <li key={one.handle}>
                <Time us={one.due_us} /> <code>{one.message.key ?? one.handle}</code>
              </li>
            ))}
            {messages.length > SHOWN && <li>{t('topics.andMore', { n: messages.length - SHOWN })}</li>}
          </ul>
        </>
      }
    />
  );
}
