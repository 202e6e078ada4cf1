import { Unplug } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { chunks } from '@/pages/topics/offsets';
import { Button } from '@/ui/Button';
import { ConfirmByName } from '@/ui/ConfirmByName';

import { committedOn, FORGET_MAX, readersOf } from './forgetting';
import { touchedBy, useGroup, useOffsets } from './reads';

/** For a group that does not read a topic any more: its lag there only grows, and alerts tell of it. */
export function ForgetTopic({ group, topic }: { group: string; topic: string }) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const described = useGroup(group);
  const offsets = useOffsets(group);
  const places = committedOn(offsets.data?.partitions ?? [], topic);
  // The server takes our word for it that nobody reads.
  const readers = readersOf(described.data?.members ?? [], topic);
  const isKnown = described.data !== undefined || described.error?.status === 404;
  return (
    <>
      <Button
        isSmall
        icon={<Unplug size={14} aria-hidden="true" />}
        disabled={!isKnown || readers > 0 || places.length === 0}
        title={readers > 0 ? t('groups.forgetReaders', { n: readers }) : undefined}
        onClick={() => setOpen(true)}
      >
        {t('groups.forget')}
      </Button>
      {isOpen && <ForgetDialog group={group} topic={topic} places={places} onClose={() => setOpen(false)} />}
    </>
  );
}

function ForgetDialog({
  group,
  topic,
  places,
  onClose,
}: {
  group: string;
  topic: string;
  places: ReturnType<typeof committedOn>;
  onClose: () => void;
}) {
  const t = useT();
  const forget = useAct({
    act: async () => {
      for (const partitions of chunks(places, FORGET_MAX)) {
        await take(http.POST('/groups/{group}/offsets:delete', { params: { path: { group } }, body: { partitions } }));
      }
    },
    touches: [...touchedBy(group), ['topics', topic]],
    done: () => t('groups.forgotten', { group, topic }),
    onDone: onClose,
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('groups.forgetTitle', { topic })}
      name={topic}
      consequences={
        <>
          <p>{t('groups.forgetGoes', { n: places.length, topic })}</p>
          <p>{t('groups.forgetAgain')}</p>
        </>
      }
      action={t('groups.forget')}
      isBusy={forget.isPending}
      error={forget.error}
      onConfirm={() => forget.mutate(undefined)}
      onClose={onClose}
    />
  );
}
